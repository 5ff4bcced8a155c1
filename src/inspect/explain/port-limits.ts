import { numbersIn, readLocalPorts } from '../system/local-ports.ts'

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
  const { first, last } = readLocalPorts(process.platform, folder)
  return {
    firstUnprivileged: start ?? (process.platform === 'win32' ? 0 : 1024),
    ephemeral: { first, last },
  }
}
