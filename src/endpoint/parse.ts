import { isIPv6 } from '../address.ts'
import { type SockctlError, usageError } from '../errors.ts'
import { closestWord } from '../terminal-text.ts'
import { bad, isPort, parseHostAndPort } from './host-and-port.ts'
import type { Endpoint, InetEndpoint, WebEndpoint } from './types.ts'

/** What an endpoint with a path may begin with, and the port that it means when it names none. */
const WEB_PORTS = { ws: 80, wss: 443, socketio: 80, socketios: 443 } as const satisfies Readonly<
  Record<WebEndpoint['scheme'], number>
>

/** Everything that may stand before `://` or `:`. */
export const SCHEMES = [
  'tcp',
  'tls',
  'udp',
  'unix',
  'ws',
  'wss',
  'socketio',
  'socketios',
  'fd',
] as const satisfies readonly Endpoint['scheme'][]

/** The longest path a unix socket can have: sun_path of unix(7) less its terminating NUL. */
export const LONGEST_UNIX_PATH = process.platform === 'darwin' ? 103 : 107

/** What a text without a scheme means: `8080`, `host:8080`. */
export type DefaultScheme = InetEndpoint['scheme']

/**
 * Parses one endpoint: `tcp://host:port`, `host:port`, `:port`, `port`, `[::1]:port`,
 * `wss://host/path`, `unix:/path`, `unix:@name`, `fd:3`. Ports may be service names (`http`).
 *
 * @throws ERR_USAGE, naming the text and what is wrong with it
 */
export function parseEndpoint(text: string, fallback: DefaultScheme = 'tcp'): Endpoint {
  const [, scheme, slashes, rest] = /^([a-z][a-z0-9+.-]*):(\/\/)?(.*)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined) return parseInet(text, text, fallback)
  const known = SCHEMES.find(one => one === scheme.toLowerCase())
  if (known === 'unix') return parseUnix(rest, text)
  if (known === 'fd') return parseDescriptor(rest, text)
  // `tcp:80` could only be a host called tcp: without `//` it is not a scheme.
  if (slashes === undefined) return parseInet(text, text, fallback)
  if (known === undefined) throw unknownScheme(scheme, text)
  return known in WEB_PORTS
    ? parseWeb(rest, text, known as WebEndpoint['scheme'])
    : parseInet(rest, text, known as DefaultScheme)
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

function parseInet(hostAndPort: string, text: string, scheme: DefaultScheme): InetEndpoint {
  if (hostAndPort.includes('/')) {
    throw bad(text, 'a path cannot follow the port', `For a unix socket write unix:${text}`)
  }
  return { scheme, ...parseHostAndPort(hostAndPort, text) }
}

function parseWeb(rest: string, text: string, scheme: WebEndpoint['scheme']): WebEndpoint {
  const [, authority = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(rest) ?? []
  // RFC 6455 §3: a fragment means nothing here, and has to be escaped in a path.
  if (path.includes('#')) throw bad(text, 'a fragment (#) is not sent: write %23')
  if (/[\s\p{Cc}]/u.test(path)) throw bad(text, 'a path has no blanks: write %20')
  if (authority.includes('@')) throw bad(text, 'a user and password do not belong there')
  const where = parseHostAndPort(authority, text, WEB_PORTS[scheme])
  return { scheme, ...where, path: path.startsWith('/') ? path : `/${path}` }
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
