import type { Duplex } from 'node:stream'
import { takeBytes, takeThrough } from '../../channel/take.ts'
import { SockctlError } from '../../errors.ts'
import type { ProxyHeader } from './types.ts'
import { LONGEST_V1, parseV1, V1_SIGNATURE } from './v1.ts'
import { parseFixed, parseV2, V2_FIXED_BYTES, V2_SIGNATURE } from './v2.ts'

/**
 * Takes a header of either version out of a stream; what follows stays in it. Who begins otherwise is
 * known by the first byte that is not one of it.
 *
 * @throws ERR_PROTOCOL when there is none, or a bad one; otherwise as `takeBytes`
 */
export async function takeHeader(duplex: Duplex): Promise<ProxyHeader> {
  const signatures = [Buffer.from(V1_SIGNATURE), V2_SIGNATURE]
  for (let begun = Buffer.alloc(0); ; ) {
    begun = Buffer.concat([begun, await takeBytes(duplex, 1)])
    const fitting = signatures.find(one => one.subarray(0, begun.length).equals(begun))
    if (fitting === undefined) throw missing(begun, duplex)
    if (fitting.length > begun.length) continue
    return fitting === V2_SIGNATURE ? takeV2(duplex) : takeV1(duplex)
  }
}

async function takeV1(duplex: Duplex): Promise<ProxyHeader> {
  try {
    const rest = await takeThrough(duplex, '\r\n', LONGEST_V1 - V1_SIGNATURE.length)
    return parseV1(V1_SIGNATURE + rest.toString('latin1').slice(0, -2))
  } catch (error) {
    if (!(error instanceof SockctlError) || error.code !== 'ERR_LIMIT') throw error
    throw new SockctlError('ERR_PROTOCOL', 'bad PROXY header: its line does not end')
  }
}

async function takeV2(duplex: Duplex): Promise<ProxyHeader> {
  const fixed = await takeBytes(duplex, V2_FIXED_BYTES - V2_SIGNATURE.length)
  const header = Buffer.concat([V2_SIGNATURE, fixed])
  // A bad one is known before it is waited for.
  parseFixed(header)
  const length = fixed.readUInt16BE(2)
  return parseV2(length === 0 ? header : Buffer.concat([header, await takeBytes(duplex, length)]))
}

/** Enough to see what was spoken in its place. */
function missing(begun: Buffer, duplex: Duplex): SockctlError {
  const there = Math.min(duplex.readableLength, 16)
  const rest = there === 0 ? begun : Buffer.concat([begun, duplex.read(there)])
  const text = JSON.stringify(rest.toString('latin1'))
  return new SockctlError('ERR_PROTOCOL', `no PROXY header: it began with ${text}`)
}
