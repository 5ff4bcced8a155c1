import { constants, endianness } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { inetAddress } from '../../address.ts'
import { type Libc, loadLibc } from '../../native/libc.ts'
import { isInetEnd } from '../ends.ts'
import { isLinkLocal, splitZone } from '../literal-host.ts'
import { addressBytes } from '../select/address-block.ts'
import type { SocketRecord } from '../types.ts'
import { openBriefly } from './open-briefly.ts'

/** What a server would bind. */
export interface Door {
  readonly protocol: 'tcp' | 'udp'
  /** A literal address; a link-local one with its zone, by name or number. */
  readonly host: string
  readonly port: number
  /** On `::`: leave the IPv4 addresses to others. Undefined: it takes them too, as with Node. */
  readonly isV6only?: boolean | undefined
}

/** What came of it when an address was bound for a moment. */
export interface BindTrial {
  readonly host: string
  readonly result: BindResult
  /** The name of the errno. Undefined: it could be bound. */
  readonly errno: string | undefined
}

export type BindResult =
  | 'ok'
  | 'in-use' // EADDRINUSE
  | 'denied' // EACCES, EPERM: a privileged port, or a rule of the system
  | 'not-local' // EADDRNOTAVAIL, ENODEV: no interface here has the address
  | 'unsupported' // this machine does not have the family
  | 'failed' // it could not be tried: no descriptor left, a link-local address without its zone

/** Every address of both families, and both loopbacks. */
export const USUAL_HOSTS = ['0.0.0.0', '::', '127.0.0.1', '::1'] as const

/**
 * Tries for real whether a server could have these doors now, each for itself, with the options that
 * Node sets: for TCP SO_REUSEADDR, which looks past TIME_WAIT, and both families on `::`.
 *
 * On Linux the socket is bound, and closed without listening, so that nobody can connect meanwhile:
 * the kernel checks for conflicts when it binds, and finds no others when it listens
 * (inet_csk_get_port() in net/ipv4/inet_connection_sock.c). Elsewhere, and without koffi, Node has
 * to listen for a moment.
 */
export async function probeBinds(doors: readonly Door[]): Promise<BindTrial[]> {
  const loaded = process.platform === 'linux' ? await loadLibc() : undefined
  const trials: BindTrial[] = []
  // One after the other: they would stand in each other's way.
  for (const door of doors) {
    const errno =
      loaded !== undefined && 'libc' in loaded
        ? bindBriefly(loaded.libc, door)
        : await openBriefly(door)
    trials.push({ host: door.host, errno, result: resultOf(errno) })
  }
  return trials
}

/** A socket is closed a moment after its process, when others had it open: io_uring, threads. */
const MOST_TRIES = 10
const TRY_EVERY_MS = 50

/** Tries as `probeBinds`, and again for half a second what is being let go. */
export async function probeReleased(
  doors: readonly Door[],
  triesLeft = MOST_TRIES,
): Promise<BindTrial[]> {
  const trials = await probeBinds(doors)
  if (triesLeft <= 1 || trials.every(({ result }) => result !== 'in-use')) return trials
  await delay(TRY_EVERY_MS)
  return probeReleased(doors, triesLeft - 1)
}

/** The door that a socket has; undefined for one that is no server's, of TCP or UDP. */
export function doorOf({
  protocol,
  local,
  ip,
  interfaceIndex,
}: Pick<SocketRecord, 'protocol' | 'local' | 'ip' | 'interfaceIndex'>): Door | undefined {
  const kind = protocol === 'mptcp' ? 'tcp' : protocol
  if (!isInetEnd(local) || (kind !== 'tcp' && kind !== 'udp')) return undefined
  const { host, family } = inetAddress(local.host, 0)
  const needsZone = isLinkLocal(host) && splitZone(host).zone === undefined && !!interfaceIndex
  return {
    protocol: kind,
    host: needsZone ? `${host}%${interfaceIndex}` : host,
    port: local.port,
    isV6only: family === 'ipv6' ? ip?.isV6only : undefined,
  }
}

function resultOf(errno: string | undefined): BindResult {
  switch (errno) {
    case undefined:
      return 'ok'
    case 'EADDRINUSE':
      return 'in-use'
    case 'EACCES':
    case 'EPERM':
      return 'denied'
    case 'EADDRNOTAVAIL':
    case 'ENODEV':
      return 'not-local'
    case 'EAFNOSUPPORT':
      return 'unsupported'
    default:
      return 'failed'
  }
}

/** bits/socket.h, linux/in6.h, asm-generic/socket.h */
const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const OFF = new Uint8Array(new Int32Array([0]).buffer)
const ON = new Uint8Array(new Int32Array([1]).buffer)

function bindBriefly(libc: Libc, door: Door): string | undefined {
  const { family } = inetAddress(door.host, door.port)
  const address = sockaddr(libc, door)
  if (typeof address === 'string') return address
  const type = door.protocol === 'tcp' ? SOCK_STREAM : SOCK_DGRAM
  const fd = libc.socket(family === 'ipv6' ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0)
  if (fd < 0) return errnoName(libc.errno())
  try {
    if (door.protocol === 'tcp') libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ON)
    // What is usual there is a setting of the machine: net.ipv6.bindv6only.
    if (family === 'ipv6') {
      libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, door.isV6only === true ? ON : OFF)
    }
    return libc.bind(fd, address) === 0 ? undefined : errnoName(libc.errno())
  } finally {
    libc.close(fd)
  }
}

/**
 * Makes a `struct sockaddr_in` or `sockaddr_in6`: family in host order, port, and the address; that
 * of IPv6 has its zone behind it, in host order too. Or the errno that it would be refused with.
 */
function sockaddr(libc: Libc, { host, port }: Door): Uint8Array | string {
  const { family } = inetAddress(host, port)
  const { address: plain, zone } = splitZone(inetAddress(host, port).host)
  const bytes = addressBytes(family === 'ipv6' ? 'ipv6' : 'ipv4', plain)
  if (bytes === undefined) return 'EADDRNOTAVAIL'
  const address = new Uint8Array(family === 'ipv6' ? 28 : 16)
  const fields = new DataView(address.buffer)
  const isLittle = endianness() === 'LE'
  fields.setUint16(0, family === 'ipv6' ? AF_INET6 : AF_INET, isLittle)
  fields.setUint16(2, port)
  address.set(bytes, family === 'ipv6' ? 8 : 4)
  if (zone === undefined) return address
  const number = /^\d+$/.test(zone) ? Number(zone) : libc.if_nametoindex(zone)
  if (number === 0) return 'ENODEV'
  fields.setUint32(24, number, isLittle)
  return address
}

function errnoName(number: number): string {
  const found = Object.entries(constants.errno).find(([, value]) => value === number)
  return found?.[0] ?? `errno ${number}`
}
