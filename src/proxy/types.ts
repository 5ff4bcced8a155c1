/** Where a proxy is to connect to: a name or a literal without brackets, and a port. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
}

/** What a proxy asks for before it serves somebody. */
export interface ProxyLogin {
  readonly user: string
  readonly password: string
}

/** The protocols that proxies speak; `socks5h` and `socks4a` have them look the name up. */
export const PROXY_SCHEMES = ['socks5', 'socks5h', 'socks4', 'socks4a', 'http', 'https'] as const

/** A proxy to connect through. */
export interface ProxyServer {
  readonly scheme: (typeof PROXY_SCHEMES)[number]
  readonly host: string
  readonly port: number
  readonly login?: ProxyLogin | undefined
}

/** Whether somebody may use a proxy. */
export type LoginCheck = (login: ProxyLogin) => Promise<boolean>
