import { isIPv6 } from '../address.ts'
import { type SockctlError, usageError } from '../errors.ts'
import { portOfService } from './service-names.ts'

export interface HostAndPort {
  readonly host: string | undefined
  readonly port: number
}

/**
 * Parses `host:port`, `:port`, `port`, `[::1]:port`; `host` alone where there is a port to assume.
 *
 * @param text the whole that it stands in, for the message
 * @param assumed the port of a text that names none
 * @throws ERR_USAGE
 */
export function parseHostAndPort(hostAndPort: string, text: string, assumed?: number): HostAndPort {
  if (isIPv6(hostAndPort)) {
    throw bad(text, 'the port is missing', `Write [${hostAndPort}]:80, or ${hostAndPort} 80`)
  }
  if (isPort(hostAndPort)) return { host: undefined, port: parsePort(hostAndPort, text) }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(hostAndPort)
  const [, bracketed, plain, port = assumed?.toString()] = match ?? []
  if (match === null || (port === undefined && bracketed !== undefined)) {
    throw bad(text, 'not a host and port', 'An IPv6 address needs brackets: [::1]:80')
  }
  if (port === undefined) {
    throw bad(text, 'the port is missing', `Write ${hostAndPort || 'localhost'}:80`)
  }
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw bad(text, `"${bracketed}" is not an IPv6 address`)
  }
  const host = bracketed ?? plain
  return { host: host === '' ? undefined : host, port: parsePort(port, text) }
}

/** Whether a word is a port: a number, be it too large for one, or the name of a service. */
export function isPort(word: string): boolean {
  return /^\d+$/.test(word) || portOfService(word) !== undefined
}

/**
 * Reads a port: a number of 0 to 65535 or a service name.
 *
 * @param text the whole that the port stands in, for the message
 * @throws ERR_USAGE
 */
export function parsePort(port: string, text = port): number {
  if (port === '') throw bad(text, 'the port is missing')
  const number = /^\d+$/.test(port) ? Number(port) : portOfService(port)
  if (number === undefined) throw bad(text, `"${port}" is not a port`)
  if (number > 65_535) throw bad(text, `port ${port} is too large (65535 at most)`)
  return number
}

/** The error of a text that is no endpoint. */
export function bad(text: string, why: string, ...hints: string[]): SockctlError {
  return usageError(`bad endpoint "${text}": ${why}`, ...hints)
}
