import { type Address, formatAddress, type InetAddress } from '../address.ts'

/** How the two ends of a socket are named. */
export type Family = 'ipv4' | 'ipv6' | 'unix' | 'packet' | 'netlink' | 'vsock'

/** One end of a socket of any family. */
export type SocketEnd = Address | PacketEnd | NetlinkEnd | VsockEnd

/** What a packet socket hears. */
export interface PacketEnd {
  readonly family: 'packet'
  /** The Ethernet protocol (ETH_P_* in linux/if_ether.h): 3 is every one, 0 none yet. */
  readonly protocol: number
  /** 0: on every interface. */
  readonly interfaceIndex: number
}

export interface NetlinkEnd {
  readonly family: 'netlink'
  /** NETLINK_* in linux/netlink.h: 0 is NETLINK_ROUTE. */
  readonly protocol: number
  /** Most often the pid of the first socket of a process; 0 is the kernel. */
  readonly port: number
}

export interface VsockEnd {
  readonly family: 'vsock'
  /** The machine: 0 hypervisor, 1 this one, 2 the host; 4294967295 any (linux/vm_sockets.h). */
  readonly cid: number
  readonly port: number
}

/** Whether an end is an IP address and port. */
export function isInetEnd(end: SocketEnd | undefined): end is InetAddress {
  return end?.family === 'ipv4' || end?.family === 'ipv6'
}

/** The port of an IP or vsock end; undefined for the others, which have none. */
export function portOf(end: SocketEnd | undefined): number | undefined {
  return isInetEnd(end) || end?.family === 'vsock' ? end.port : undefined
}

/** Writes an end: `127.0.0.1:80`, `/tmp/s`, `vsock:2:1024`, `netlink:0:4711`, `packet:3:2`. */
export function formatEnd(end: SocketEnd): string {
  switch (end.family) {
    case 'packet':
      return `packet:${end.protocol}:${end.interfaceIndex}`
    case 'netlink':
      return `netlink:${end.protocol}:${end.port}`
    case 'vsock':
      return `vsock:${end.cid}:${end.port}`
    default:
      return formatAddress(end)
  }
}
