import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { InetAddress } from '../address.ts'

/**
 * What a connection to never leaves this machine (0.0.0.0 and :: lead to it as well: connect(2) takes
 * them for the loopback), and what only its own link can reach: there the clouds keep the credentials
 * of a machine, at 169.254.169.254. IPv4 in the clothes of IPv6 is judged as IPv4.
 */
const HERE: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  // ::, ::1, and IPv4-compatible addresses (RFC 4291 §2.5.5.1).
  ['::', 96, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
]

/**
 * Whether an address is a loopback, link-local, or one of this machine's own: what somebody who may
 * use a proxy here could not reach without it. The addresses of the machine are those it has now.
 */
export function isOfThisMachine({ family, host }: InetAddress): boolean {
  const list = new BlockList()
  for (const [network, prefix, of] of HERE) list.addSubnet(network, prefix, of)
  for (const info of Object.values(networkInterfaces()).flat()) {
    if (info !== undefined) list.addAddress(info.address, info.family === 'IPv4' ? 'ipv4' : 'ipv6')
  }
  return list.check(host.replace(/%.*$/, ''), family)
}
