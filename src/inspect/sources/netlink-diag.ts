import type { SocketRecord, SocketState } from '../types.ts'
import { readDrops, readMemory } from './inet-attributes.ts'
import { type DumpRequest, SOCK_DIAG_BY_FAMILY } from './netlink.ts'
import { HEADER_BYTES, LITTLE_ENDIAN, malformed } from './netlink-message.ts'

const AF_NETLINK = 16

/** struct netlink_diag_req, 20 bytes: family u8, protocol u8, pad u16, inode, show u32, cookie. */
const REQUEST_BYTES = 20
const EVERY_PROTOCOL = 255
const SHOW_MEMORY = 1

/** NETLINK_DIAG_MEMINFO, the attribute that this asks for. */
const MEMORY = 0

/** struct netlink_diag_msg behind a netlink header: where its fields are, and its length. */
const PROTOCOL = HEADER_BYTES + 2
const STATE = HEADER_BYTES + 3
const PORT = HEADER_BYTES + 4
const REMOTE_PORT = HEADER_BYTES + 8
const INODE = HEADER_BYTES + 16
const COOKIE = HEADER_BYTES + 20
const MESSAGE_BYTES = HEADER_BYTES + 28

/** NETLINK_CONNECTED of af_netlink.h: none of the states of TCP. */
const CONNECTED = 1

/**
 * Makes the request for the netlink sockets in these states: also those of the kernel, whose port
 * is 0, and the one that asks.
 *
 * Source: linux/netlink_diag.h, net/netlink/diag.c.
 */
export function netlinkDump(states: ReadonlySet<SocketState>): DumpRequest<SocketRecord> {
  const payload = new Uint8Array(REQUEST_BYTES)
  payload[0] = AF_NETLINK
  payload[1] = EVERY_PROTOCOL
  new DataView(payload.buffer).setUint32(8, SHOW_MEMORY, LITTLE_ENDIAN)
  return {
    attempt: 'cannot list netlink sockets',
    type: SOCK_DIAG_BY_FAMILY,
    payload,
    newDecoder: () => (bytes, at, end) => {
      const record = recordOf(bytes, at, end)
      return states.has(record.state) ? record : undefined
    },
  }
}

function recordOf(bytes: DataView, at: number, end: number): SocketRecord {
  if (at + MESSAGE_BYTES > end) throw malformed('an entry that is too short')
  const attributes = { bytes, start: at + MESSAGE_BYTES, end }
  const memory = readMemory(attributes, MEMORY)
  const isConnected = bytes.getUint8(at + STATE) === CONNECTED
  const endAt = (offset: number) => ({
    family: 'netlink' as const,
    protocol: bytes.getUint8(at + PROTOCOL),
    port: bytes.getUint32(at + offset, LITTLE_ENDIAN),
  })
  return {
    protocol: 'netlink',
    family: 'netlink',
    state: isConnected ? 'established' : 'unconnected',
    local: endAt(PORT),
    remote: isConnected ? endAt(REMOTE_PORT) : undefined,
    receiveQueue: memory?.receiveBytes,
    sendQueue: memory?.transmitBytes,
    inode: bytes.getUint32(at + INODE, LITTLE_ENDIAN),
    uid: undefined,
    timer: undefined,
    cookie: bytes.getBigUint64(at + COOKIE, LITTLE_ENDIAN),
    interfaceIndex: undefined,
    unix: undefined,
    drops: readDrops(attributes, MEMORY),
    memory,
  }
}
