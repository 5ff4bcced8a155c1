import { readFileSync } from 'node:fs'

/** What this system allows, and lends, of ports. */
export interface PortLimits {
  /** The lowest that everybody may bind. */
  readonly firstUnprivileged: number
  /** From which the kernel draws the source of outgoing connections. */
  readonly ephemeral: { readonly first: number; readonly last: number }
}

/**
 * Reads the limits; elsewhere than on Linux they are the usual ones of that system.
 *
 * Source: ip(7), ip_local_port_range and ip_unprivileged_port_start.
 */
export function readPortLimits(procRoot: string): PortLimits {
  const folder = `${procRoot}/sys/net/ipv4`
  const start = numbersIn(`${folder}/ip_unprivileged_port_start`)[0]
  const [first, last] = numbersIn(`${folder}/ip_local_port_range`)
  return {
    firstUnprivileged: start ?? (process.platform === 'win32' ? 0 : 1024),
    ephemeral:
      first === undefined || last === undefined
        ? process.platform === 'linux'
          ? { first: 32_768, last: 60_999 }
          : { first: 49_152, last: 65_535 }
        : { first, last },
  }
}

function numbersIn(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').trim().split(/\s+/).map(Number)
  } catch {
    return []
  }
}
