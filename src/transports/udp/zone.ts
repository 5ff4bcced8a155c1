import { type SockctlError, usageError } from '../../errors.ts'
import { findInterface, type LocalInterface, localInterfaces } from './interfaces.ts'

/** The zone of an address (RFC 4007 §11): `eth0` of `fe80::1%eth0`. */
export function findZone(host: string): string | undefined {
  return host.split('%')[1]
}

/** Whether an address exists once on each network (RFC 4291 §2.5.6), so that it needs a zone. */
export function isLinkLocal(host: string): boolean {
  return /^fe[89ab]/i.test(host)
}

/**
 * Gives a link-local address the zone of an interface, unless it has one.
 *
 * @throws ERR_USAGE when there is neither; ERR_NOT_FOUND when its zone is no interface of ours
 */
export function withZone(host: string, on: LocalInterface | undefined): string {
  const zone = findZone(host)
  if (zone === undefined && on === undefined) throw ambiguousHost(host)
  // Windows numbers its zones.
  if (zone !== undefined && !/^\d+$/.test(zone)) findInterface(zone)
  return zone === undefined ? `${host}%${on?.name}` : host
}

/** What to say of an address that exists on each network. */
export function ambiguousHost(host: string): SockctlError {
  const names = localInterfaces().map(one => one.name)
  return usageError(
    `${host} exists on each network: say which is meant`,
    `Add --interface with one of ${names.join(', ')}`,
  )
}
