import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../../src/errors.ts'
import { readSaved } from '../../../../src/inspect/checks/saved/read.ts'
import { failureOf } from '../../../support/failure.ts'

const read = (text: string) => readSaved(text, { name: 'a.json' })
const document = (parts: object = {}): string =>
  JSON.stringify({ schema: 1, takenAt: '2026-01-02T03:04:05.678Z', sockets: [], ...parts })

describe('readSaved', () => {
  it.each<[string, string]>([
    ['', 'it is empty'],
    ['[]', 'it is no JSON object'],
    ['{}', 'it has no schema number'],
    [document({ schema: 2 }), 'its schema is 2, and this sockctl reads 1'],
    [document({ sockets: undefined, counts: [] }), 'it has no list of sockets'],
    [document({ takenAt: 'yesterday' }), 'it does not say when it was taken'],
    [document({ sockets: [1] }), 'socket 1 is no object'],
    [document({ sockets: [{ protocol: 'tcp', state: 'listn' }] }), 'socket 1 has no state'],
    [document({ sockets: [{ state: 'listen' }] }), 'socket 1 has no protocol'],
  ])('refuses %s', (text, reason) => {
    const error = failureOf(() => read(text))
    expect(error.code).toBe('ERR_USAGE')
    expect(error.message).toBe(`a.json is not what --save writes: ${reason}`)
  })

  it('says that something is no JSON', () => {
    expect(failureOf(() => read('PROTO LOCAL')).message).toContain('it is no JSON: ')
  })

  it('reads what it needs, and takes what is not known for not known', () => {
    const sockets = [
      {
        protocol: 'tcp',
        state: 'listen',
        local: { host: '::1', port: 80 },
        ownership: 'held',
        owners: [{ pid: 7, fd: 3, name: 'x' }, { name: 'no pid' }],
        netns: { inode: 5, name: 'shop' },
        of: 'later',
      },
    ]
    expect(read(document({ sockets })).sockets).toEqual([
      {
        protocol: 'tcp',
        state: 'listen',
        type: undefined,
        local: { host: '::1', port: 80 },
        remote: undefined,
        cookie: undefined,
        netns: 'shop',
        uid: undefined,
        user: undefined,
        ownership: 'held',
        owners: [{ pid: 7, name: 'x' }],
      },
    ])
  })

  it('never fails in another way', () => {
    const socket = fc.record({ protocol: fc.constant('tcp'), state: fc.constant('listen') })
    const parts = fc.record(
      { sockets: fc.array(fc.oneof(socket, fc.jsonValue())), selection: fc.jsonValue() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.json(), parts.map(document)), text => {
        try {
          read(text)
        } catch (error) {
          expect(error).toBeInstanceOf(SockctlError)
        }
      }),
    )
  })
})
