/** One end of a socket: an IP address and port, or a path. */
export type Address = InetAddress | UnixAddress

export interface InetAddress {
  readonly family: 'ipv4' | 'ipv6'
  /** Literal, never a name: `127.0.0.1`, `::1`, `fe80::1%eth0`. */
  readonly host: string
  /** 0 stands for "any" or "none yet". */
  readonly port: number
}

export interface UnixAddress {
  readonly family: 'unix'
  /** A file's path, `@name` in the abstract namespace, or `''` for a socket without a name. */
  readonly path: string
}

const V4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * Makes the address of an IP socket. An IPv4 peer of a dual-stack listener shows up as
 * `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2); it is turned back into what the peer would call itself.
 */
export function inetAddress(host: string, port: number): InetAddress {
  const mapped = V4_MAPPED.exec(host)?.[1]
  if (mapped !== undefined) return { family: 'ipv4', host: mapped, port }
  return { family: host.includes(':') ? 'ipv6' : 'ipv4', host, port }
}

/** Writes an address as people write it: `127.0.0.1:80`, `[::1]:80`, `/tmp/s`, `@name`. */
export function formatAddress(address: Address): string {
  if (address.family === 'unix') return address.path === '' ? '(unnamed)' : address.path
  return `${formatHost(address.host)}:${address.port}`
}

/** Writes a host so that a port can follow: IPv6 literals get their brackets (RFC 3986 §3.2.2). */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
