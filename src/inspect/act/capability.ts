import { readFileSync } from 'node:fs'

/** linux/capability.h */
const CAP_NET_ADMIN = 12n

/**
 * Whether this process may change the network of its own namespace. Undefined where the system does
 * not tell.
 */
export function mayAdministerNetwork(procRoot = '/proc'): boolean | undefined {
  try {
    const status = readFileSync(`${procRoot}/self/status`, 'utf8')
    const [, effective] = /^CapEff:\s*([\da-f]+)$/m.exec(status) ?? []
    return effective === undefined
      ? undefined
      : ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n
  } catch {
    return undefined
  }
}
