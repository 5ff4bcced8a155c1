import { constants } from 'node:os'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../src/errors.ts'
import { type DumpRequest, dump } from '../../../src/inspect/sources/netlink.ts'
import { done, error, message, ScriptedKernel } from '../../support/netlink.ts'

const DATA = 20
const INTERRUPTED = 0x10

/** Each item is the first byte of a message. */
const request: DumpRequest<number> = {
  attempt: 'cannot list TCP sockets',
  type: DATA,
  payload: new Uint8Array(56),
  newDecoder: () => (bytes, at) => bytes.getUint8(at + 16),
}

function data(...values: number[]): Buffer {
  return Buffer.concat(values.map(value => message(DATA, Buffer.from([value]))))
}

describe('dump', () => {
  it('gathers the items of every chunk', () => {
    const kernel = new ScriptedKernel([data(1, 2), data(3), done()])
    expect(dump(kernel, request)).toEqual({ items: [1, 2, 3], isInterrupted: false })
    expect(kernel.open.size).toBe(0)
    const [sent] = kernel.requests
    expect(sent?.length).toBe(72)
    expect(sent?.readUInt16LE(4)).toBe(DATA)
    expect(sent?.readUInt16LE(6)).toBe(0x301)
  })

  it('ends where the answer ends, also within a chunk', () => {
    const kernel = new ScriptedKernel([Buffer.concat([data(1), done(), data(2)])])
    expect(dump(kernel, request).items).toEqual([1])
  })

  it('refuses an end with a status that is none', () => {
    expect(() => dump(new ScriptedKernel([data(1), done(1)]), request)).toThrow(
      expect.objectContaining({ code: 'ERR_PROTOCOL' }),
    )
  })

  it('knows an empty table', () => {
    expect(dump(new ScriptedKernel([done()]), request).items).toEqual([])
  })

  it('receives again when a signal came between', () => {
    const kernel = new ScriptedKernel([data(1), 'EINTR', data(2), 'EINTR', done()])
    expect(dump(kernel, request).items).toEqual([1, 2])
    expect(kernel.requests).toHaveLength(1)
  })

  it('asks again when something was lost, and forgets what it had', () => {
    const lost = new ScriptedKernel([data(1), 'ENOBUFS'], [data(1, 2), done()])
    expect(dump(lost, request).items).toEqual([1, 2])
    const overrun = new ScriptedKernel([data(1), message(4)], [data(1, 2), done()])
    expect(dump(overrun, request).items).toEqual([1, 2])
  })

  it('asks again with more room when a chunk was cut', () => {
    const large = message(DATA, Buffer.alloc(100_000, 7))
    const kernel = new ScriptedKernel([data(1), large, done()], [data(1), large, done()])
    expect(dump(kernel, request).items).toEqual([1, 7])
    expect(kernel.requests).toHaveLength(2)
  })

  it('asks again when the table changed, and says so when it always does', () => {
    const changed = [message(DATA, Buffer.from([1]), { flags: INTERRUPTED }), done()]
    const kernel = new ScriptedKernel(changed, [data(1, 2), done()])
    expect(dump(kernel, request)).toEqual({ items: [1, 2], isInterrupted: false })
    const restless = new ScriptedKernel(changed, changed, changed)
    expect(dump(restless, request)).toEqual({ items: [1], isInterrupted: true })
    expect(restless.requests).toHaveLength(3)
  })

  it('keeps the bytes of its items while it receives more than one block', () => {
    const chunk = Buffer.concat(Array.from({ length: 250 }, (_, i) => message(DATA, filled(i))))
    const views: { at: number; bytes: DataView }[] = []
    const kernel = new ScriptedKernel([...Array.from({ length: 80 }, () => chunk), done()])
    const { items } = dump(kernel, {
      ...request,
      newDecoder: () => (bytes, at) => {
        views.push({ bytes, at })
        return bytes.getUint8(at + 16)
      },
    })
    expect(items).toHaveLength(20_000)
    expect(views.map(({ bytes, at }) => bytes.getUint8(at + 16))).toEqual(items)
  })

  it.each([
    ['ENOENT', 'ERR_UNSUPPORTED', /this kernel does not answer through sock_diag \(ENOENT\)/],
    ['EINVAL', 'ERR_UNSUPPORTED', /\(EINVAL\)/],
    ['EPERM', 'ERR_DENIED', /operation not permitted \(EPERM\)/],
    ['EACCES', 'ERR_DENIED', /permission denied \(EACCES\)/],
    ['ENOMEM', 'ERR_SYSTEM', /\(ENOMEM\)/],
  ] as const)('tells that a table is not to be had: %s', (errno, code, text) => {
    const number = -constants.errno[errno]
    for (const answer of [[done(number)], [error(number)], [errno]]) {
      const failure = failureOf(() => dump(new ScriptedKernel(answer), request))
      expect(failure).toMatchObject({ code })
      expect(failure.message).toMatch(/^cannot list TCP sockets: /)
      expect(failure.message).toMatch(text)
    }
  })

  it('does not wait for an answer that does not come', () => {
    expect(failureOf(() => dump(new ScriptedKernel([data(1)]), request)).code).toBe('ERR_SYSTEM')
  })

  it('closes its socket after a failure', () => {
    const kernel = new ScriptedKernel([error(-2)])
    failureOf(() => dump(kernel, request))
    expect(kernel.open.size).toBe(0)
  })

  it('ends with a SockctlError or a list, whatever it receives', () => {
    const chunk = fc.oneof(
      fc.uint8Array({ minLength: 0, maxLength: 200 }).map(bytes => Buffer.from(bytes)),
      fc.integer({ min: 0, max: 64 }).map(cut => data(1, 2, 3).subarray(0, cut)),
      fc.constantFrom<'EINTR' | 'ENOBUFS' | 'EAGAIN'>('EINTR', 'ENOBUFS', 'EAGAIN'),
    )
    fc.assert(
      fc.property(fc.array(fc.array(chunk, { maxLength: 5 }), { maxLength: 3 }), answers => {
        try {
          dump(new ScriptedKernel(...answers), request)
        } catch (failure) {
          expect(failure).toBeInstanceOf(SockctlError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

function filled(value: number): Buffer {
  return Buffer.alloc(100, value % 251)
}

function failureOf(work: () => unknown): SockctlError {
  try {
    work()
  } catch (failure) {
    if (failure instanceof SockctlError) return failure
    throw failure
  }
  throw new Error('it did not fail')
}
