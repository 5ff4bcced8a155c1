import { readFileSync } from 'node:fs'

/** From which ports the kernel draws the source of outgoing connections, both included. */
export interface LocalPorts {
  readonly first: number
  readonly last: number
  /** The system was not asked: these are usual there, and may have been changed. */
  readonly isAssumed: boolean
}

/**
 * Reads ip_local_port_range, or gives what is usual on this system where there is no such setting.
 *
 * @param settings the folder net/ipv4 of /proc/sys
 * @see Documentation/networking/ip-sysctl.rst
 */
export function readLocalPorts(
  platform: NodeJS.Platform,
  settings = '/proc/sys/net/ipv4',
): LocalPorts {
  const [first, last] = numbersIn(`${settings}/ip_local_port_range`)
  return first && last ? { first, last, isAssumed: false } : usualLocalPorts(platform)
}

/** The ports of IANA (RFC 6335 §6), of which Linux takes more (net/ipv4/af_inet.c). */
export function usualLocalPorts(platform: NodeJS.Platform): LocalPorts {
  return platform === 'linux'
    ? { first: 32_768, last: 60_999, isAssumed: true }
    : { first: 49_152, last: 65_535, isAssumed: true }
}

/** The numbers of a setting; none where it cannot be read. */
export function numbersIn(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').trim().split(/\s+/).map(Number)
  } catch {
    return []
  }
}
