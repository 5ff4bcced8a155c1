import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../src/errors.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { inetDump, tcpDump } from '../../../src/inspect/sources/inet-diag.ts'
import { type DumpRequest, dump } from '../../../src/inspect/sources/netlink.ts'
import { netlinkDump } from '../../../src/inspect/sources/netlink-diag.ts'
import { readChunk } from '../../../src/inspect/sources/netlink-message.ts'
import { packetDump } from '../../../src/inspect/sources/packet-diag.ts'
import { unixDump } from '../../../src/inspect/sources/unix-diag.ts'
import { vsockDump } from '../../../src/inspect/sources/vsock-diag.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { done, message, ScriptedKernel } from '../../support/netlink.ts'
import { attribute, numbers } from '../../support/netlink-attributes.ts'
import { plainRecord } from '../../support/plain-snapshot.ts'

/** How often; SOCKCTL_FUZZ=100000 takes a minute. */
const RUNS = Number(process.env.SOCKCTL_FUZZ ?? 3000)
const TIMEOUT_MS = 20_000 + RUNS

const states = new Set(ALL_STATES)

const REQUESTS: Readonly<Record<string, DumpRequest<SocketRecord>>> = {
  tcp: tcpDump(states),
  mptcp: inetDump({ protocol: 'mptcp', family: 'ipv6', states }),
  udp: inetDump({ protocol: 'udp', family: 'ipv4', states }),
  unix: unixDump(states),
  packet: packetDump(),
  netlink: netlinkDump(states),
  vsock: vsockDump(states),
}

/** How many bytes stand before the attributes of an entry. */
const FIXED_BYTES: Readonly<Record<string, number>> = {
  ...{ tcp: 72, mptcp: 72, udp: 72, unix: 16, packet: 16, netlink: 28, vsock: 32 },
}

/** Decodes a chunk and reads every field; what it refuses is an error of the right kind. */
function read(request: DumpRequest<SocketRecord>, chunk: Buffer): number {
  const bytes = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
  const decode = request.newDecoder()
  const records: SocketRecord[] = []
  try {
    readChunk({ bytes, start: 0, end: chunk.length }, (at, end) => {
      const record = decode(bytes, at, end)
      if (record !== undefined) records.push(record)
    })
  } catch (failure) {
    if (!(failure instanceof SockctlError)) throw failure
  }
  for (const record of records) JSON.stringify(plainRecord(record))
  return records.length
}

/**
 * Numbers below a limit, the same for the same seed (mulberry32): arrays of bytes from fast-check
 * take ten times as long to make as to decode.
 */
function random(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

function randomBytes(below: (limit: number) => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => below(256))
}

describe.each(Object.keys(REQUESTS))('the decoder of %s', name => {
  const request = REQUESTS[name]
  const fixedBytes = FIXED_BYTES[name] ?? 0
  if (request === undefined) throw new Error(`there is no request for ${name}`)

  /** An entry as the kernel makes it, but for what is in it. */
  function entry(below: (limit: number) => number): Buffer {
    const attributes = Array.from({ length: below(5) }, () =>
      attribute(below(25), randomBytes(below, below(40))),
    )
    return Buffer.concat([randomBytes(below, fixedBytes), ...attributes])
  }

  /** Not expect(), which takes longer than all else. */
  function ensure(holds: boolean): void {
    if (!holds) throw new Error('there are more records than entries')
  }

  function holds(check: (below: (limit: number) => number) => void): void {
    fc.assert(
      fc.property(fc.noShrink(fc.integer()), seed => check(random(seed))),
      { numRuns: RUNS },
    )
  }

  it('reads any bytes, or refuses them', { timeout: TIMEOUT_MS }, () => {
    holds(below => {
      const bytes = randomBytes(below, below(160))
      ensure(read(request, message(20, bytes)) <= 1)
    })
  })

  it('reads entries with any attributes, and cut ones too', { timeout: TIMEOUT_MS }, () => {
    holds(below => {
      const bytes = entry(below)
      const cut = bytes.subarray(0, below(bytes.length + 1))
      ensure(read(request, message(20, cut)) <= 1)
      ensure(read(request, message(20, bytes)) <= 1)
    })
  })

  it('reads chunks with a wrong byte, or refuses them', { timeout: TIMEOUT_MS }, () => {
    holds(below => {
      const chunk = Buffer.concat([message(20, entry(below)), message(20, entry(below))])
      chunk[below(chunk.length)] = below(256)
      // A shorter length makes entries of what was inside of one.
      ensure(read(request, chunk) < chunk.length / 16)
    })
  })
})

describe('the decoders of other families', () => {
  const items = (request: DumpRequest<SocketRecord>, ...payload: Uint8Array[]) =>
    dump(new ScriptedKernel([message(20, Buffer.concat(payload)), done()]), request).items

  it('read packet sockets', () => {
    const info = attribute(0, numbers(2, 0, 0, 0, 0, 0))
    const memory = attribute(6, numbers(10, 20, 0, 30, 0, 0, 0, 0, 4))
    const head = [Uint8Array.of(17, 3), new Uint8Array(new Uint16Array([0x88b5]).buffer)]
    const entry = [...head, numbers(4711, 9, 0), info, attribute(5, numbers(1000)), memory]
    expect(items(packetDump(), ...entry)).toMatchObject([
      {
        protocol: 'packet',
        state: 'unconnected',
        local: { family: 'packet', protocol: 0x88b5, interfaceIndex: 2 },
        receiveQueue: 10,
        sendQueue: 0,
        inode: 4711,
        uid: 1000,
        cookie: 9n,
        interfaceIndex: 2,
        drops: 4,
      },
    ])
  })

  it('read netlink sockets', () => {
    const entry = (state: number) => [
      Uint8Array.of(16, 3, 15, state),
      numbers(8905, 1, 0, 4711, 9, 0),
    ]
    expect(items(netlinkDump(states), ...entry(0))).toMatchObject([
      {
        protocol: 'netlink',
        state: 'unconnected',
        local: { family: 'netlink', protocol: 15, port: 8905 },
        remote: undefined,
        receiveQueue: undefined,
        inode: 4711,
        cookie: 9n,
      },
    ])
    expect(items(netlinkDump(states), ...entry(1))).toMatchObject([
      { state: 'established', remote: { port: 1 } },
    ])
    expect(items(netlinkDump(new Set(['unconnected'])), ...entry(1))).toEqual([])
  })

  it('read vsock sockets', () => {
    const entry = (state: number) => [
      Uint8Array.of(40, 1, state, 2),
      numbers(3, 1024, 2, 50_000, 4711, 9, 0),
    ]
    expect(items(vsockDump(states), ...entry(1))).toMatchObject([
      {
        protocol: 'vsock',
        state: 'established',
        local: { family: 'vsock', cid: 3, port: 1024 },
        remote: { family: 'vsock', cid: 2, port: 50_000 },
        receiveQueue: undefined,
        inode: 4711,
        cookie: 9n,
        shutdown: 'send',
      },
    ])
    expect(items(vsockDump(states), ...entry(10))).toMatchObject([
      { state: 'listen', remote: undefined },
    ])
    expect(items(vsockDump(states), ...entry(14))).toEqual([])
  })
})
