import type { Socket } from 'node:dgram'
import { isIPv6 } from '../../address.ts'
import { errnoOf } from '../../errors.ts'
import type { LocalInterface } from './interfaces.ts'

/** A multicast group that was joined on an interface (RFC 1112, RFC 4291). */
export interface Membership {
  readonly group: string
  readonly interface: string
  /** The interface's address that the group was joined by; IPv6 goes by the interface itself. */
  readonly address: string | undefined
}

/** A group that could not be joined on an interface. */
export interface JoinFailure {
  readonly group: string
  readonly interface: string
  readonly error: unknown
}

/**
 * Whether a group's packets never leave the interface or the link, so that it exists once per
 * interface (scopes 1 and 2 of RFC 4291 §2.7) and binding to it takes a zone.
 */
export function isPerInterface(group: string): boolean {
  return /^ff[\da-f][12]:/i.test(group)
}

/**
 * Joins a group on each of the interfaces that has the group's family. The kernel would choose one
 * by its routes, often another than the sender's: the commonest reason for hearing nothing.
 */
export function joinGroup(
  socket: Socket,
  group: string,
  interfaces: readonly LocalInterface[],
): { joined: Membership[]; failed: JoinFailure[] } {
  const joined: Membership[] = []
  const failed: JoinFailure[] = []
  for (const one of interfaces) {
    const address = isIPv6(group) ? one.ipv6[0] : one.ipv4[0]
    if (address === undefined) continue
    try {
      socket.addMembership(group, isIPv6(group) ? `::%${one.name}` : address)
      joined.push({ group, interface: one.name, address: isIPv6(group) ? undefined : address })
    } catch (error) {
      // An address of ours that stands on two interfaces: they are one to the kernel.
      if (errnoOf(error) !== 'EADDRINUSE') failed.push({ group, interface: one.name, error })
    }
  }
  return { joined, failed }
}
