import type { Address } from '../../address.ts'
import { inetAddress } from '../../address.ts'
import { SockctlError } from '../../errors.ts'
import { ipv4Bytes, ipv4Text, ipv6Bytes, ipv6Text } from '../../proxy/address-bytes.ts'
import { readTlvs } from './tlv.ts'
import type { HeaderEnds, ProxyHeader } from './types.ts'

/** What a header of version 2 begins with (§2.2): no text, and no protocol of that time. */
export const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** The signature, version and command, family, and the length of the rest. */
export const V2_FIXED_BYTES = 16

const VERSION = 2
const LOCAL = 0
const PROXY = 1

/** AF_INET, AF_INET6, AF_UNIX: how many bytes both addresses take. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 12, 2: 36, 3: 216 }
const STREAM = 1
const UNIX_PATH_BYTES = 108

/**
 * Reads a header of version 2 (§2.2).
 *
 * @param header all of it, as long as it says that it is
 * @throws ERR_PROTOCOL
 */
export function parseV2(header: Buffer): ProxyHeader {
  const { command, family, addressBytes } = parseFixed(header)
  // The proxy speaks for itself, and what follows has to be skipped.
  if (command === LOCAL) return { ends: undefined, facts: {} }
  const rest = header.subarray(V2_FIXED_BYTES)
  const facts = readTlvs(header, V2_FIXED_BYTES + addressBytes)
  return { ends: readEnds(family, rest), facts }
}

/** What the fixed part of a header says: enough to know a bad one by. */
interface Fixed {
  readonly command: number
  readonly family: number
  /** Of what follows, how much are the addresses. */
  readonly addressBytes: number
}

/**
 * Reads the first sixteen bytes of a header.
 *
 * @throws ERR_PROTOCOL
 */
export function parseFixed(header: Buffer): Fixed {
  const [versionAndCommand = 0, familyAndProtocol = 0] = header.subarray(12, 14)
  const command = versionAndCommand & 0xf
  if (versionAndCommand >> 4 !== VERSION) throw bad(`version ${versionAndCommand >> 4}`)
  if (command !== LOCAL && command !== PROXY) throw bad(`command ${command}`)
  const family = familyAndProtocol >> 4
  if (command === LOCAL) return { command, family, addressBytes: 0 }
  const addressBytes = ADDRESS_BYTES[family]
  if (addressBytes === undefined) throw bad(`address family ${family}`)
  if (header.readUInt16BE(14) < addressBytes) throw bad('it is too short for its addresses')
  return { command, family, addressBytes }
}

function readEnds(family: number, bytes: Buffer): HeaderEnds | undefined {
  switch (family) {
    case 1:
      return {
        source: inetAddress(ipv4Text(bytes.subarray(0, 4)), bytes.readUInt16BE(8)),
        destination: inetAddress(ipv4Text(bytes.subarray(4, 8)), bytes.readUInt16BE(10)),
      }
    case 2:
      return {
        source: inetAddress(ipv6Text(bytes.subarray(0, 16)), bytes.readUInt16BE(32)),
        destination: inetAddress(ipv6Text(bytes.subarray(16, 32)), bytes.readUInt16BE(34)),
      }
    case 3:
      return {
        source: readPath(bytes.subarray(0, UNIX_PATH_BYTES)),
        destination: readPath(bytes.subarray(UNIX_PATH_BYTES, 2 * UNIX_PATH_BYTES)),
      }
    default:
      return undefined
  }
}

/** A name in the abstract namespace begins with a NUL. */
function readPath(bytes: Buffer): Address {
  const isAbstract = bytes[0] === 0 && bytes[1] !== 0
  const name = bytes.subarray(isAbstract ? 1 : 0)
  const end = name.indexOf(0)
  const text = name.subarray(0, end === -1 ? undefined : end).toString()
  return { family: 'unix', path: isAbstract ? `@${text}` : text }
}

/** Writes one. Without ends it is LOCAL where we speak for ourselves, and says nothing. */
export function formatV2(ends: HeaderEnds | undefined): Buffer {
  const { family, addresses } = writeEnds(ends)
  const fixed = Buffer.alloc(V2_FIXED_BYTES)
  V2_SIGNATURE.copy(fixed)
  fixed[12] = (VERSION << 4) | (ends === undefined ? LOCAL : PROXY)
  fixed[13] = family === 0 ? 0 : (family << 4) | STREAM
  fixed.writeUInt16BE(addresses.length, 14)
  return Buffer.concat([fixed, addresses])
}

function writeEnds(ends: HeaderEnds | undefined): { family: number; addresses: Buffer } {
  if (ends === undefined) return { family: 0, addresses: Buffer.alloc(0) }
  const { source, destination } = ends
  if (source.family === 'unix' && destination.family === 'unix') {
    return {
      family: 3,
      addresses: Buffer.concat([writePath(source.path), writePath(destination.path)]),
    }
  }
  // One that came over unix(7) to one of TCP, or the other way round: there is no such family.
  if (source.family === 'unix' || destination.family === 'unix') {
    return { family: 0, addresses: Buffer.alloc(0) }
  }
  const isIpv4 = source.family === 'ipv4' && destination.family === 'ipv4'
  const bytes = isIpv4 ? ipv4Bytes : mappedBytes
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(source.port, 0)
  ports.writeUInt16BE(destination.port, 2)
  return {
    family: isIpv4 ? 1 : 2,
    addresses: Buffer.concat([bytes(source.host), bytes(destination.host), ports]),
  }
}

function mappedBytes(host: string): Buffer {
  return ipv6Bytes(host.includes(':') ? host : `::ffff:${host}`)
}

function writePath(path: string): Buffer {
  const bytes = Buffer.alloc(UNIX_PATH_BYTES)
  bytes.write(path.replace(/^@/, '\0'))
  return bytes
}

function bad(why: string): SockctlError {
  return new SockctlError('ERR_PROTOCOL', `bad PROXY header: ${why}`)
}
