import { type HostAndPort, parseHostAndPort } from '../endpoint/host-and-port.ts'
import { usageError } from '../errors.ts'
import { closestWord } from '../terminal-text.ts'
import { PROXY_SCHEMES, type ProxyLogin, type ProxyServer } from './types.ts'

/** The ports that nc and curl take where none is given. */
const PORTS: Readonly<Record<ProxyServer['scheme'], number>> = {
  socks5: 1080,
  socks5h: 1080,
  socks4: 1080,
  socks4a: 1080,
  http: 3128,
  https: 443,
}

/** A proxy as it was written: who we are there may still be a reference to a secret. */
export interface WrittenProxy extends Omit<ProxyServer, 'login'> {
  /** What stood before the `@`: `env:NAME`, `user:password`, `user`. */
  readonly userinfo: string | undefined
}

/**
 * Reads a proxy: `socks5://host:port`, `http://env:NAME@host`, and `host:port` where the scheme is
 * known otherwise.
 *
 * @param fallback the scheme of a text that has none
 * @throws ERR_USAGE. The message does not repeat what stands before the `@`
 */
export function parseProxy(
  text: string,
  fallback: ProxyServer['scheme'] = 'socks5h',
): WrittenProxy {
  const [, word = fallback, rest = ''] = /^(?:([a-z][\w+.-]*):\/\/)?(.*)$/is.exec(text) ?? []
  const scheme = PROXY_SCHEMES.find(one => one === word.toLowerCase().replace(/^socks$/, 'socks5'))
  if (scheme === undefined) {
    const close = closestWord(word, PROXY_SCHEMES)
    const guess =
      close === undefined ? `there are ${PROXY_SCHEMES.join(', ')}` : `did you mean ${close}?`
    throw usageError(`no kind of proxy: "${word}" (${guess})`)
  }
  const at = rest.lastIndexOf('@')
  const authority = rest.slice(at + 1).replace(/\/$/, '')
  const { host, port } = readAuthority(authority, PORTS[scheme])
  return {
    scheme,
    host: host ?? 'localhost',
    port,
    userinfo: at === -1 ? undefined : rest.slice(0, at),
  }
}

function readAuthority(authority: string, assumed: number): HostAndPort {
  if (authority === '') throw usageError('the host of the proxy is missing')
  const isBareIpv6 = /^\[[^\]]*\]$/.test(authority)
  return parseHostAndPort(isBareIpv6 ? `${authority}:${assumed}` : authority, authority, assumed)
}

/** Reads who we are: `user:password`, or a user alone. */
export function parseLogin(text: string): ProxyLogin {
  const colon = text.indexOf(':')
  return colon === -1
    ? { user: text, password: '' }
    : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
