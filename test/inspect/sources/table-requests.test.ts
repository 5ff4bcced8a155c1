import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../src/errors.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { inetDump, tcpDump } from '../../../src/inspect/sources/inet-diag.ts'
import { mptcpSubflows } from '../../../src/inspect/sources/merge-mptcp.ts'
import type { DumpRequest } from '../../../src/inspect/sources/netlink.ts'
import { netlinkDump } from '../../../src/inspect/sources/netlink-diag.ts'
import { readChunk } from '../../../src/inspect/sources/netlink-message.ts'
import { packetDump } from '../../../src/inspect/sources/packet-diag.ts'
import { requestsFor } from '../../../src/inspect/sources/table-requests.ts'
import { unixDump } from '../../../src/inspect/sources/unix-diag.ts'
import { vsockDump } from '../../../src/inspect/sources/vsock-diag.ts'
import type { SocketRecord, Wanted } from '../../../src/inspect/types.ts'
import { message } from '../../support/netlink.ts'
import { attribute } from '../../support/netlink-attributes.ts'
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

describe('requestsFor', () => {
  const subflows = mptcpSubflows()
  const wanted: Wanted = {
    protocols: new Set(['tcp', 'udp', 'raw', 'unix']),
    families: new Set(['ipv4', 'ipv6', 'unix']),
    states,
  }

  it('asks for the TCP sockets of both families at once, and for each other table', () => {
    const requests = requestsFor(wanted, subflows)
    expect(
      requests.map(({ tables }) => tables.map(one => `${one.protocol} ${one.family}`)),
    ).toEqual([
      ['tcp ipv4', 'tcp ipv6'],
      ...[['udp ipv4'], ['udp ipv6'], ['raw ipv4'], ['raw ipv6'], ['unix unix']],
    ])
    expect(requests.map(({ dumps }) => dumps.length)).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('asks for IP sockets with the program, then without it', () => {
    const requests = requestsFor({ ...wanted, kernelFilter: new Uint8Array(8) }, subflows)
    const lengths = requests.map(({ dumps }) => dumps.map(({ payload }) => payload.length))
    expect(lengths).toEqual([[72, 60], ...Array(4).fill([68, 56]), [24]])
  })

  it('asks for one family alone when only that is wanted', () => {
    const families = new Set(['ipv6' as const])
    const [request, ...rest] = requestsFor(
      { ...wanted, families, protocols: new Set(['tcp']) },
      subflows,
    )
    expect(request?.dumps[0]?.payload[0]).toBe(10)
    expect(rest).toEqual([])
  })
})
