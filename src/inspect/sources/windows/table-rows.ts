import type { InetAddress } from '../../../address.ts'
import { SockctlError } from '../../../errors.ts'
import type { SocketState } from '../../types.ts'
import { type HostReader, hostReader } from '../ip-text.ts'

/** A socket of Windows, and the process that made it. */
export interface WindowsRow {
  readonly protocol: 'tcp' | 'udp'
  readonly family: 'ipv4' | 'ipv6'
  readonly state: SocketState
  readonly local: InetAddress
  readonly remote: InetAddress | undefined
  /** 0: none, as of a TIME_WAIT. */
  readonly pid: number
}

/**
 * Reads a table of GetExtendedTcpTable (TCP_TABLE_OWNER_PID_ALL) or GetExtendedUdpTable
 * (UDP_TABLE_OWNER_PID): the number of rows, then the rows. Numbers are little-endian, addresses and
 * ports in network byte order.
 *
 * Source: tcpmib.h and udpmib.h of the Windows SDK (MIB_TCPROW_OWNER_PID and its kin).
 *
 * @throws ERR_SYSTEM when the table is shorter than it says
 */
export function decodeTable(
  table: Uint8Array,
  { protocol, family }: Pick<WindowsRow, 'protocol' | 'family'>,
): WindowsRow[] {
  const bytes = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const layout = LAYOUTS[protocol][family]
  const count = bytes.byteLength < 4 ? undefined : bytes.getUint32(0, true)
  if (count === undefined || 4 + count * layout.size > bytes.byteLength) {
    throw new SockctlError('ERR_SYSTEM', `cannot list ${protocol} sockets: the table is cut off`)
  }
  const decoding = { bytes, family, readHost: hostReader() }
  return Array.from({ length: count }, (_, i) => {
    const at = 4 + i * layout.size
    const local = addressAt(at, layout.local, decoding)
    const pid = bytes.getUint32(at + layout.pid, true)
    if (layout.remote === undefined || layout.state === undefined) {
      return { protocol, family, state: 'unconnected', local, remote: undefined, pid }
    }
    const state = STATES[bytes.getUint32(at + layout.state, true)] ?? 'unconnected'
    // What stands there for a listener means nothing.
    const remote = hasPeer(state) ? addressAt(at, layout.remote, decoding) : undefined
    return { protocol, family, state, local, remote, pid }
  })
}

/** Where an address is within a row. */
interface EndLayout {
  readonly host: number
  /** The zone of an IPv6 address: the number of an interface, 0 for none. */
  readonly scope?: number
  readonly port: number
}

interface RowLayout {
  readonly size: number
  readonly state?: number
  readonly local: EndLayout
  readonly remote?: EndLayout
  readonly pid: number
}

const LAYOUTS: Readonly<Record<'tcp' | 'udp', Readonly<Record<'ipv4' | 'ipv6', RowLayout>>>> = {
  tcp: {
    ipv4: {
      size: 24,
      state: 0,
      local: { host: 4, port: 8 },
      remote: { host: 12, port: 16 },
      pid: 20,
    },
    ipv6: {
      size: 56,
      local: { host: 0, scope: 16, port: 20 },
      remote: { host: 24, scope: 40, port: 44 },
      state: 48,
      pid: 52,
    },
  },
  udp: {
    ipv4: { size: 12, local: { host: 0, port: 4 }, pid: 8 },
    ipv6: { size: 28, local: { host: 0, scope: 16, port: 20 }, pid: 24 },
  },
}

interface Decoding {
  readonly bytes: DataView
  readonly family: 'ipv4' | 'ipv6'
  readonly readHost: HostReader
}

function addressAt(
  row: number,
  { host, scope, port }: EndLayout,
  { bytes, family, readHost }: Decoding,
): InetAddress {
  const zone = scope === undefined ? 0 : bytes.getUint32(row + scope, true)
  const text = readHost(family, bytes, row + host)
  return {
    family,
    host: zone === 0 ? text : `${text}%${zone}`,
    // Four bytes, of which the first two are the port and the others mean nothing.
    port: bytes.getUint16(row + port),
  }
}

/** MIB_TCP_STATE, by number. */
const STATES: readonly (SocketState | undefined)[] = [
  undefined,
  'unconnected',
  'listen',
  'syn-sent',
  'syn-recv',
  'established',
  'fin-wait-1',
  'fin-wait-2',
  'close-wait',
  'closing',
  'last-ack',
  'time-wait',
  'unconnected', // DELETE_TCB: it is being removed
]

function hasPeer(state: SocketState): boolean {
  return state !== 'listen' && state !== 'unconnected'
}
