import { isLoopback } from '../../../address.ts'
import { textWidth } from '../../../terminal-text.ts'
import {
  isInetEnd,
  type NetlinkEnd,
  type PacketEnd,
  portOf,
  type SocketEnd,
  type VsockEnd,
} from '../../ends.ts'
import type { SocketRecord, SocketState } from '../../types.ts'
import { endOrder } from '../end-order.ts'
import { localText, netnsText, remoteText } from '../end-words.ts'
import type { ViewPaint } from '../types.ts'
import { protocolText, STATE_LABELS } from '../words.ts'
import { NONE } from './cells.ts'
import type { Column } from './types.ts'

/** What a socket is, and what its two ends are called. */
export const END_COLUMNS = {
  protocol: {
    key: 'protocol',
    heading: 'PROTO',
    type: 'string',
    text: 'tcp, mptcp, udp, udplite, raw, unix, packet, netlink or vsock',
    standsIn: 'json and csv',
    value: record => record.protocol,
    cell: protocolText,
  },
  family: {
    key: 'family',
    heading: 'FAMILY',
    type: 'string',
    text: 'ipv4, ipv6, unix, packet, netlink or vsock',
    standsIn: 'json and csv',
    value: record => record.family,
  },
  type: {
    key: 'type',
    heading: 'TYPE',
    type: 'string',
    text: 'Unix only: stream, datagram or seqpacket',
    standsIn: 'json and csv',
    value: record => record.unix?.type,
  },
  state: {
    key: 'state',
    heading: 'STATE',
    type: 'string',
    text: 'established, close-wait ...: see sockctl help states',
    standsIn: 'json and csv',
    value: record => record.state,
    cell: record => STATE_LABELS[record.state],
    paint: (text, record, paint) => paintState(text, record.state, paint),
  },
  local: {
    key: 'local',
    heading: 'LOCAL',
    type: 'object',
    text: 'This end: host and port, or path (@name: abstract)',
    standsIn: 'json',
    value: record => endJson(record.local),
    cell: (record, { interfaceName }) => localText(record, interfaceName),
    widthOf: (text, { protocol }) => (protocol === 'unix' ? textWidth(text) : text.length),
    sortBy: record => endOrder(record.local),
  },
  localAddress: {
    key: 'localAddress',
    heading: 'LOCAL-ADDRESS',
    type: 'string',
    text: 'The address or path of this end, without the port',
    standsIn: 'csv',
    value: record => addressOf(record.local),
    sortBy: record => endOrder(record.local),
  },
  localPort: {
    key: 'localPort',
    heading: 'LOCAL-PORT',
    type: 'number',
    text: 'The port of this end',
    standsIn: 'csv',
    align: 'right',
    value: record => anyPortOf(record.local),
  },
  remote: {
    key: 'remote',
    heading: 'PEER',
    type: 'object',
    text: 'The other end, where there is one',
    standsIn: 'json',
    value: record => endJson(record.remote),
    cell: (record, { interfaceName }) => remoteText(record, interfaceName),
    sortBy: record => endOrder(record.remote),
  },
  remoteAddress: {
    key: 'remoteAddress',
    heading: 'PEER-ADDRESS',
    type: 'string',
    text: 'The address or path of the other end, without the port',
    standsIn: 'csv',
    value: record => addressOf(record.remote),
    sortBy: record => endOrder(record.remote),
  },
  remotePort: {
    key: 'remotePort',
    heading: 'PEER-PORT',
    type: 'number',
    text: 'The port of the other end',
    standsIn: 'csv',
    align: 'right',
    value: record => anyPortOf(record.remote),
  },
  peerInode: {
    key: 'peerInode',
    heading: 'PEER-INODE',
    type: 'number',
    text: 'Unix only: the inode of the other end',
    standsIn: 'json and csv',
    align: 'right',
    value: record => record.unix?.peerInode,
  },
  openTo: {
    key: 'openTo',
    heading: 'OPEN TO',
    type: 'string',
    text: 'network or localhost: who can reach the local address, by the address alone',
    value: openTo,
    paint: (text, record, paint) => (isOpenToNetwork(record) ? paint.warn(text) : paint.dim(text)),
  },
  netns: {
    key: 'netns',
    heading: 'NETNS',
    type: 'object',
    text: 'The network namespace, where others were asked for: inode, name',
    standsIn: 'json and csv',
    value: record => record.netns,
    cell: ({ netns }) => (netns === undefined ? NONE : netnsText(netns)),
  },
} as const satisfies Readonly<Record<string, Column>>

/** One end of a socket in JSON. `path` begins with `@` in the abstract namespace. */
export type EndJson =
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | Omit<PacketEnd, 'family'>
  | Omit<NetlinkEnd, 'family'>
  | Omit<VsockEnd, 'family'>

/** Whether others than this machine can reach a listener, as far as its address tells. */
export function isOpenToNetwork({ local }: SocketRecord): boolean {
  return isInetEnd(local) && !isLoopback(local.host)
}

function openTo(record: SocketRecord): string | undefined {
  if (!isInetEnd(record.local)) return undefined
  return isOpenToNetwork(record) ? 'network' : 'localhost'
}

function endJson(end: SocketEnd | undefined): EndJson | undefined {
  if (end === undefined || (end.family === 'unix' && end.path === '')) return undefined
  const { family: _, ...parts } = end
  return parts
}

function addressOf(end: SocketEnd | undefined): string | number | undefined {
  if (end === undefined) return undefined
  if (end.family === 'unix') return end.path || undefined
  if (isInetEnd(end)) return end.host
  return end.family === 'vsock' ? end.cid : end.protocol
}

function anyPortOf(end: SocketEnd | undefined): number | undefined {
  return end?.family === 'netlink' ? end.port : portOf(end)
}

function paintState(text: string, state: SocketState, paint: ViewPaint): string {
  switch (state) {
    case 'established':
      return paint.good(text)
    case 'listen':
      return paint.strong(text)
    case 'close-wait':
    case 'syn-sent':
      return paint.warn(text)
    default:
      return paint.dim(text)
  }
}
