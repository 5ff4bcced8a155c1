import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../src/errors.ts'
import { dump } from '../../../src/inspect/sources/netlink.ts'
import { unixDump } from '../../../src/inspect/sources/unix-diag.ts'
import type { SocketState } from '../../../src/inspect/types.ts'
import { done, int32, message, ScriptedKernel } from '../../support/netlink.ts'
import { plainRecord } from '../../support/plain-snapshot.ts'

const CONNECTED = new Set<SocketState>(['established'])

function attribute(type: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc((4 + payload.length + 3) & ~3)
  new Uint16Array(bytes.buffer, bytes.byteOffset, 2).set([4 + payload.length, type])
  bytes.set(payload, 4)
  return bytes
}

const name = (text: string): Buffer => attribute(0, Buffer.from(text))
const peer = (inode: number): Buffer => attribute(2, int32(inode))

/** struct unix_diag_msg with its attributes. */
function entry(inode: number, [type, state]: readonly [number, number], ...attributes: Buffer[]) {
  const head = Buffer.concat([Buffer.from([1, type, state, 0]), int32(inode), int32(9), int32(0)])
  return message(20, Buffer.concat([head, ...attributes]))
}

function decode(states: ReadonlySet<SocketState>, ...entries: Buffer[]) {
  const kernel = new ScriptedKernel([Buffer.concat(entries), done()])
  return dump(kernel, unixDump(states)).items.map(plainRecord)
}

describe('unixDump', () => {
  it('asks for listeners alone, or for all, as the other end may be in any state', () => {
    const maskOf = (states: readonly SocketState[]): number | undefined =>
      new Uint32Array(unixDump(new Set(states)).payload.buffer)[1]
    expect(maskOf(['listen'])).toBe(1 << 10)
    expect(maskOf(['established'])).toBe(0xffffffff)
  })

  it('decodes every field', () => {
    const queues = attribute(4, Buffer.concat([int32(3), int32(128)]))
    const uid = attribute(7, int32(33))
    const listener = entry(11, [5, 10], name('/run/s\0'), queues, uid)
    expect(decode(new Set(['listen']), listener)).toEqual([
      {
        protocol: 'unix',
        family: 'unix',
        state: 'listen',
        local: { family: 'unix', path: '/run/s' },
        remote: undefined,
        receiveQueue: 3,
        sendQueue: 128,
        inode: 11,
        uid: 33,
        timer: undefined,
        cookie: '9',
        interfaceIndex: undefined,
        unix: { type: 'seqpacket', peerInode: undefined },
      },
    ])
  })

  it('finds the other end, in whatever state it is', () => {
    const records = decode(
      CONNECTED,
      entry(1, [1, 1], peer(2)),
      entry(2, [1, 1], name('/run/s\0'), peer(1)),
      entry(3, [2, 1], peer(4)),
      entry(4, [2, 7], name('/run/log\0')),
      entry(5, [1, 1], peer(99)),
    )
    expect(records.map(({ inode, remote, unix }) => [inode, remote, unix?.peerInode])).toEqual([
      [1, { family: 'unix', path: '/run/s' }, 2],
      [2, { family: 'unix', path: '' }, 1],
      [3, { family: 'unix', path: '/run/log' }, 4],
      [5, undefined, 99],
    ])
  })

  it('takes a peer without an inode, which nobody has accepted yet, for none', () => {
    expect(decode(CONNECTED, entry(1, [1, 1], peer(0)))).toMatchObject([
      { remote: undefined, unix: { peerInode: undefined } },
    ])
  })

  it.each([
    ['/run/with blank\n\0', '/run/with blank\n'],
    ['/run/without an end', '/run/without an end'],
    ['\0abstract', '@abstract'],
    ['\0a\0b', '@a\0b'],
    ['\0', '@'],
  ])('reads the name %j', (bytes, path) => {
    expect(decode(CONNECTED, entry(1, [1, 1], name(bytes)))).toMatchObject([{ local: { path } }])
  })

  it('does not know what it was not told', () => {
    expect(decode(CONNECTED, entry(1, [1, 1]))).toMatchObject([
      { uid: undefined, receiveQueue: undefined, sendQueue: undefined, local: { path: '' } },
    ])
  })

  it('reads any bytes, or refuses them', () => {
    const payloads = fc.array(fc.uint8Array({ minLength: 10, maxLength: 60 }))
    const anyState = new Set<SocketState>(['established', 'unconnected', 'listen', 'syn-sent'])
    fc.assert(
      fc.property(payloads, all => {
        // Small lengths and types make attributes likely.
        const entries = all.map(bytes =>
          message(
            20,
            bytes.map((byte, i) => (i > 2 ? byte & 7 : 1)),
          ),
        )
        try {
          decode(anyState, ...entries)
        } catch (failure) {
          expect(failure).toBeInstanceOf(SockctlError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
