import { isIPv6 } from '../address.ts'
import { type SockctlError, usageError } from '../errors.ts'
import { closestWord } from '../terminal-text.ts'
import { portOfService } from './service-names.ts'
import type { Endpoint, InetEndpoint } from './types.ts'

/** Everything that may stand before `://` or `:`. */
export const SCHEMES = ['tcp', 'udp', 'unix', 'fd'] as const satisfies readonly Endpoint['scheme'][]

/** The longest path a unix socket can have: sun_path of unix(7) less its terminating NUL. */
export const LONGEST_UNIX_PATH = process.platform === 'darwin' ? 103 : 107

/** What a text without a scheme means: `8080`, `host:8080`. */
export type DefaultScheme = InetEndpoint['scheme']

/**
 * Parses one endpoint: `tcp://host:port`, `host:port`, `:port`, `port`, `[::1]:port`, `unix:/path`,
 * `unix:@name`, `fd:3`. Ports may be service names (`http`).
 *
 * @throws ERR_USAGE, naming the text and what is wrong with it
 */
export function parseEndpoint(text: string, fallback: DefaultScheme = 'tcp'): Endpoint {
  const [, scheme, slashes, rest] = /^([a-z][a-z0-9+.-]*):(\/\/)?(.*)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined) return parseInet(text, text, fallback)
  switch (scheme.toLowerCase()) {
    case 'tcp':
    case 'udp':
      // `tcp:80` could only be a host called tcp: without `//` it is not a scheme.
      if (slashes === undefined) return parseInet(text, text, fallback)
      return parseInet(rest, text, scheme.toLowerCase() as DefaultScheme)
    case 'unix':
      return parseUnix(rest, text)
    case 'fd':
      return parseDescriptor(rest, text)
    default:
      if (slashes === undefined) return parseInet(text, text, fallback)
      throw unknownScheme(scheme, text)
  }
}

/**
 * Parses the words of a command line into endpoints. A host and its port may be two words
 * (`localhost 80`, `::1 80`), as in nc.
 *
 * @throws ERR_USAGE
 */
export function parseEndpoints(words: readonly string[], fallback?: DefaultScheme): Endpoint[] {
  const endpoints: Endpoint[] = []
  for (let left = words; left.length > 0; ) {
    const { endpoint, rest } = takeEndpoint(left, fallback)
    endpoints.push(endpoint)
    left = rest
  }
  return endpoints
}

/**
 * Parses the endpoint that words begin with, one word or two, and returns it with what follows.
 *
 * @throws ERR_USAGE
 */
export function takeEndpoint(
  [word = '', next, ...others]: readonly string[],
  fallback?: DefaultScheme,
): { endpoint: Endpoint; rest: readonly string[] } {
  if (next === undefined) return { endpoint: parseEndpoint(word, fallback), rest: [] }
  if (isLoneHost(word) && isPort(next)) {
    const host = isIPv6(word) ? `[${word}]` : word
    return { endpoint: parseEndpoint(`${host}:${next}`, fallback), rest: others }
  }
  return { endpoint: parseEndpoint(word, fallback), rest: [next, ...others] }
}

/** A host without a port: the port must be the next word. */
function isLoneHost(word: string): boolean {
  if (isIPv6(word.replace(/^\[(.*)\]$/, '$1'))) return true
  return word !== '' && !/[:/]/.test(word) && !isPort(word)
}

function isPort(word: string): boolean {
  return /^\d+$/.test(word) || portOfService(word) !== undefined
}

function parseInet(hostAndPort: string, text: string, scheme: DefaultScheme): InetEndpoint {
  if (hostAndPort.includes('/')) {
    throw bad(text, 'a path cannot follow the port', `For a unix socket write unix:${text}`)
  }
  if (isIPv6(hostAndPort)) {
    throw bad(text, 'the port is missing', `Write [${hostAndPort}]:80, or ${hostAndPort} 80`)
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(hostAndPort)
  if (match === null) {
    if (isPort(hostAndPort)) return { scheme, host: undefined, port: parsePort(hostAndPort, text) }
    if (hostAndPort.includes(':')) {
      throw bad(text, 'not a host and port', 'An IPv6 address needs brackets: [::1]:80')
    }
    throw bad(text, 'the port is missing', `Write ${hostAndPort || 'localhost'}:80`)
  }
  const [, bracketed, plain, port = ''] = match
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw bad(text, `"${bracketed}" is not an IPv6 address`)
  }
  const host = bracketed ?? plain
  return { scheme, host: host === '' ? undefined : host, port: parsePort(port, text) }
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

function parseUnix(path: string, text: string): Endpoint {
  if (path === '' || path === '@') throw bad(text, 'the path is missing', 'Write unix:/tmp/s')
  if (path.includes('\0')) throw bad(text, 'a path cannot contain a NUL')
  if (Buffer.byteLength(path) > LONGEST_UNIX_PATH) {
    // Node 20 and 22 would cut it in silence and make a socket by another name.
    throw bad(text, `the path is too long (${LONGEST_UNIX_PATH} bytes at most)`)
  }
  return { scheme: 'unix', path }
}

function parseDescriptor(fd: string, text: string): Endpoint {
  if (!/^\d{1,9}$/.test(fd)) throw bad(text, 'not a descriptor', 'Write fd:3')
  return { scheme: 'fd', fd: Number(fd) }
}

function unknownScheme(scheme: string, text: string): SockctlError {
  const close = closestWord(scheme, SCHEMES)
  const guess = close === undefined ? `there are ${SCHEMES.join(', ')}` : `did you mean ${close}?`
  return usageError(`unknown scheme "${scheme}" in ${text} (${guess})`)
}

function bad(text: string, why: string, ...hints: string[]): SockctlError {
  return usageError(`bad endpoint "${text}": ${why}`, ...hints)
}
