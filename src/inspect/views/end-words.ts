import { formatAddress, formatHost, type InetAddress, type UnixAddress } from '../../address.ts'
import { terminalText } from '../../terminal-text.ts'
import { isInetEnd, type SocketEnd } from '../ends.ts'
import type { InterfaceName } from '../interfaces.ts'
import type { NetworkNamespace, SocketRecord } from '../types.ts'
import { ETHERNET_NAMES, IP_PROTOCOL_NAMES, NETLINK_NAMES } from './kernel-names.ts'

/**
 * Names this end, as ss(8) does. A unix socket without a name is its inode, `#4711`; of those that
 * carry the path of their listener, it follows the path. A socket that is bound to an interface
 * (SO_BINDTODEVICE) says so: `0.0.0.0%eth0:68`. A raw socket has an IP protocol in place of a port.
 */
export function localText(record: SocketRecord, interfaceName?: InterfaceName): string {
  const { local, protocol } = record
  if (local.family === 'unix') return localUnixText(local, record)
  if (!isInetEnd(local)) return otherText(local, record, interfaceName)
  const { interfaceIndex } = record
  const host =
    !interfaceIndex || local.host.includes('%')
      ? local.host
      : `${local.host}%${interfaceText(interfaceIndex, record, interfaceName)}`
  const port = protocol === 'raw' ? IP_PROTOCOL_NAMES[local.port] : undefined
  return `${formatHost(host)}:${port ?? local.port}`
}

/** Names the other end; `*:*` and `*` stand for whoever may come, `?` for one that is not known. */
export function remoteText(record: SocketRecord, interfaceName?: InterfaceName): string {
  const { remote, protocol } = record
  if (protocol === 'unix') return remoteUnixText(record)
  if (remote === undefined) return protocol === 'packet' || protocol === 'netlink' ? '*' : '*:*'
  if (!isInetEnd(remote)) return otherText(remote, record, interfaceName)
  return protocol === 'raw' ? `${formatHost(remote.host)}:*` : formatAddress(remote)
}

function localUnixText(end: UnixAddress, record: SocketRecord): string {
  if (record.state === 'listen' || record.inode === 0) return unixText(end)
  if (end.path === '') return `#${record.inode}`
  return record.remote === undefined && record.unix?.peerInode === undefined
    ? unixText(end)
    : `${unixText(end)}#${record.inode}`
}

function remoteUnixText({ unix, state }: SocketRecord): string {
  if (unix?.peerInode !== undefined) return `#${unix.peerInode}`
  return state === 'established' ? '?' : '*'
}

function otherText(
  end: Exclude<SocketEnd, InetAddress>,
  record: SocketRecord,
  interfaceName?: InterfaceName,
): string {
  switch (end.family) {
    case 'packet': {
      const { protocol, interfaceIndex } = end
      const name = ETHERNET_NAMES[protocol] ?? `[${protocol}]`
      return `${name}:${interfaceIndex === 0 ? '*' : interfaceText(interfaceIndex, record, interfaceName)}`
    }
    case 'netlink':
      return `${NETLINK_NAMES[end.protocol] ?? end.protocol}:${end.port === 0 ? 'kernel' : end.port}`
    case 'vsock':
      return `${anyOr(end.cid)}:${anyOr(end.port)}`
    case 'unix':
      return unixText(end)
  }
}

function interfaceText(
  index: number,
  { netns }: Pick<SocketRecord, 'netns'>,
  interfaceName?: InterfaceName,
): string {
  const name = interfaceName?.(index, netns)
  return name === undefined ? `if${index}` : oneWord(name)
}

/** VMADDR_CID_ANY and VMADDR_PORT_ANY of linux/vm_sockets.h. */
function anyOr(number: number): string {
  return number === 0xffff_ffff ? '*' : String(number)
}

/** A path is chosen by whoever makes the socket: it may hold anything but a NUL. */
function unixText(end: UnixAddress): string {
  return oneWord(formatAddress(end))
}

/** Names a network namespace: `shop`, or by number where it has no name. */
export function netnsText({ name, inode }: NetworkNamespace): string {
  return name === undefined ? `net:[${inode}]` : oneWord(name)
}

/** Names a cgroup by its path, or by number where it is gone or not to be seen from here. */
export function cgroupText(id: number, cgroupName?: (id: number) => string | undefined): string {
  const name = cgroupName?.(id)
  return name === undefined ? String(id) : oneWord(name)
}

/** Text from outside as one word: it can neither end a row nor begin a cell. */
export function oneWord(text: string): string {
  return terminalText(text).replaceAll(' ', '\\x20')
}
