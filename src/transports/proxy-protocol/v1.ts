import { isIPv4, isIPv6 } from 'node:net'
import { inetAddress } from '../../address.ts'
import { SockctlError } from '../../errors.ts'
import type { HeaderEnds, ProxyHeader } from './types.ts'

/** What a header of version 1 begins with. */
export const V1_SIGNATURE = 'PROXY '

/** The longest header of version 1, line break and all (§2.1). */
export const LONGEST_V1 = 107

/**
 * Reads a header of version 1 (§2.1): one line of text, without its line break.
 *
 * @throws ERR_PROTOCOL
 */
export function parseV1(line: string): ProxyHeader {
  const [proxy, family, source = '', destination = '', ...ports] = line.split(' ')
  if (proxy !== 'PROXY') throw bad(line)
  // What follows UNKNOWN means nothing.
  if (family === 'UNKNOWN') return { ends: undefined, facts: {} }
  const isLiteral = LITERALS.get(family ?? '')
  const [sourcePort, destinationPort] = ports.map(parsePort)
  const isGood = isLiteral?.(source) && isLiteral(destination) && ports.length === 2
  if (!isGood || sourcePort === undefined || destinationPort === undefined) throw bad(line)
  const ends = {
    source: inetAddress(source, sourcePort),
    destination: inetAddress(destination, destinationPort),
  }
  return { ends, facts: {} }
}

const LITERALS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['TCP4', isIPv4],
  // A zone would be one of the proxy's machine.
  ['TCP6', (text: string) => isIPv6(text) && !text.includes('%')],
])

/** A decimal without a zero in front. */
function parsePort(text: string): number | undefined {
  const port = /^(?:0|[1-9]\d{0,4})$/.test(text) ? Number(text) : undefined
  return port !== undefined && port <= 65_535 ? port : undefined
}

function bad(line: string): SockctlError {
  return new SockctlError('ERR_PROTOCOL', `bad PROXY header: ${JSON.stringify(line)}`)
}

/** Writes one, line break and all. What has no place in it becomes UNKNOWN. */
export function formatV1(ends: HeaderEnds | undefined): Buffer {
  return Buffer.from(`${V1_SIGNATURE}${formatEnds(ends) ?? 'UNKNOWN'}\r\n`)
}

function formatEnds(ends: HeaderEnds | undefined): string | undefined {
  if (ends === undefined) return undefined
  const { source, destination } = ends
  if (source.family === 'unix' || destination.family === 'unix') return undefined
  const isIpv4 = source.family === 'ipv4' && destination.family === 'ipv4'
  const literal = isIpv4 ? (host: string) => host : toIpv6
  const hosts = `${literal(source.host)} ${literal(destination.host)}`
  return `${isIpv4 ? 'TCP4' : 'TCP6'} ${hosts} ${source.port} ${destination.port}`
}

/** Both have to be of one family, and no zone of ours means anything elsewhere. */
function toIpv6(host: string): string {
  return host.includes(':') ? host.replace(/%.*$/, '') : `::ffff:${host}`
}
