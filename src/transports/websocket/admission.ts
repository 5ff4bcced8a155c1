import { isLoopback } from '../../address.ts'
import { usageError } from '../../errors.ts'

/** By whom, and under which name, a WebSocket server may be called. */
export interface AdmissionRules {
  /** Names and addresses that are ours, in lower case: what is listened on, what is allowed. */
  readonly hosts: readonly string[]
  /** Origins by `parseOrigin`. */
  readonly origins: readonly string[]
}

/** What a request says about who asks. */
export interface Credentials {
  readonly host: string | undefined
  readonly origin: string | undefined
  /** Our own address, on which the connection came in. */
  readonly localHost: string
}

/**
 * Says why a request may not in, or undefined when it may. Loopback alone protects from nobody: every
 * web page can connect to 127.0.0.1 from inside the browser.
 *
 * - The header Host has to be ours. Else the name of somebody else leads here (DNS rebinding), and to
 *   the browser that somebody and we would be one origin.
 * - The header Origin, which every browser sends, has to be loopback, ours, or allowed. Programs that
 *   are no browsers send none.
 */
export function refusalOf(
  { host, origin, localHost }: Credentials,
  { hosts, origins }: AdmissionRules,
): string | undefined {
  const authority = parseAuthority(host)
  if (authority === undefined) return `bad Host header "${host ?? ''}"`
  const { hostname } = authority
  const isOurs = isThisMachine(hostname) || hostname === localHost || hosts.includes(hostname)
  if (!isOurs) return `it was called "${hostname}", which is not a name of ours (--allow-host)`
  if (origin === undefined) return undefined
  return isWelcome(origin, authority.host, origins)
    ? undefined
    : `a page of ${origin} wanted to connect (--allow-origin)`
}

function isWelcome(origin: string, host: string, origins: readonly string[]): boolean {
  if (origins.includes('*')) return true
  const normal = normalOrigin(origin)
  if (normal === undefined) return false
  if (origins.includes(normal)) return true
  const [, authority = ''] = /^https?:\/\/(.+)$/.exec(normal) ?? []
  if (authority === '') return false
  const parsed = parseAuthority(authority)
  return parsed !== undefined && (parsed.host === host || isThisMachine(parsed.hostname))
}

/** RFC 6761 §6.3: names below localhost are loopback too, and browsers hold them to it. */
function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || isLoopback(hostname)
}

/** `host[:port]` in its normal form; IPv6 without brackets in `hostname`. */
function parseAuthority(
  text: string | undefined,
): { readonly host: string; readonly hostname: string } | undefined {
  // What URL would take for a user, a path or a query is none here.
  if (text === undefined || !/^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(text)) {
    return undefined
  }
  if (!URL.canParse(`http://${text}`)) return undefined
  const { host, hostname } = new URL(`http://${text}`)
  return { host, hostname: hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '') }
}

/** An origin as a browser writes it (RFC 6454 §6.2), or undefined when it is none. */
function normalOrigin(text: string): string | undefined {
  if (text === 'null') return text
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/?#@\s]*$/i.test(text) || !URL.canParse(text)) return undefined
  const { origin, protocol, host } = new URL(text)
  return origin === 'null' ? `${protocol}//${host}` : origin
}

/**
 * Reads an origin that is to be allowed: `https://app.test`, `null`, or `*` for every one.
 *
 * @throws ERR_USAGE
 */
export function parseOrigin(text: string): string {
  const origin = text === '*' ? text : normalOrigin(text)
  if (origin === undefined) {
    throw usageError(`not an origin: "${text}"`, 'Write https://app.example, without a path.')
  }
  return origin
}

/**
 * Reads a name that we may be called by: a host without a port.
 *
 * @throws ERR_USAGE
 */
export function parseHostName(text: string): string {
  const bracketed = text.includes(':') && !text.startsWith('[') ? `[${text}]` : text
  const authority = parseAuthority(bracketed)
  if (authority === undefined || authority.host !== new URL(`http://${bracketed}`).hostname) {
    throw usageError(`not a host name: "${text}"`, 'Write app.example, without a port.')
  }
  return authority.hostname
}
