import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { takeBytes } from '../../channel/take.ts'
import { SockctlError } from '../../errors.ts'
import { ipv4Bytes, ipv4Text, ipv6Bytes, ipv6Text } from '../address-bytes.ts'
import type { ProxyTarget } from '../types.ts'

/** The kinds of address of RFC 1928 §5. */
const IPV4 = 1
const NAME = 3
const IPV6 = 4

/** The longest name that fits: its length is one byte. */
const LONGEST_NAME = 255

/**
 * Writes an address as SOCKS 5 has it (RFC 1928 §5): its kind, itself, and the port.
 *
 * @throws ERR_USAGE when the name is too long
 */
export function writeAddress({ host, port }: ProxyTarget): Buffer {
  const portBytes = Buffer.from([port >> 8, port & 0xff])
  switch (isIP(host)) {
    case 4:
      return Buffer.concat([Buffer.from([IPV4]), ipv4Bytes(host), portBytes])
    case 6:
      return Buffer.concat([Buffer.from([IPV6]), ipv6Bytes(host), portBytes])
    default: {
      const name = Buffer.from(host)
      if (name.length > LONGEST_NAME) {
        throw new SockctlError('ERR_USAGE', `a host of ${name.length} bytes does not fit in SOCKS`)
      }
      return Buffer.concat([Buffer.from([NAME, name.length]), name, portBytes])
    }
  }
}

/**
 * Takes such an address out of a stream.
 *
 * @throws ERR_PROTOCOL for a kind that there is not; otherwise as `takeBytes`
 */
export async function takeAddress(duplex: Duplex): Promise<ProxyTarget> {
  const [kind] = await takeBytes(duplex, 1)
  const host = await takeHost(duplex, kind)
  return { host, port: (await takeBytes(duplex, 2)).readUInt16BE() }
}

async function takeHost(duplex: Duplex, kind: number | undefined): Promise<string> {
  switch (kind) {
    case IPV4:
      return ipv4Text(await takeBytes(duplex, 4))
    case IPV6:
      return ipv6Text(await takeBytes(duplex, 16))
    case NAME: {
      const [length = 0] = await takeBytes(duplex, 1)
      if (length === 0) throw new SockctlError('ERR_PROTOCOL', 'a host of no characters')
      return (await takeBytes(duplex, length)).toString()
    }
    default:
      throw new SockctlError('ERR_PROTOCOL', `no kind of address: ${kind}`)
  }
}
