import type { SocketRecord } from '../types.ts'
import { readDrops, readMemory } from './inet-attributes.ts'
import { type DumpRequest, SOCK_DIAG_BY_FAMILY } from './netlink.ts'
import { findAttribute, HEADER_BYTES, LITTLE_ENDIAN, malformed } from './netlink-message.ts'

const AF_PACKET = 17

/** struct packet_diag_req, 20 bytes: family u8, protocol u8, pad u16, inode, show u32, cookie. */
const REQUEST_BYTES = 20
const SHOW_INFO = 1
const SHOW_MEMORY = 16

/** The attributes that follow a socket: PACKET_DIAG_*. */
const INFO = 0
const UID = 5
const MEMORY = 6

/**
 * Makes the request for the packet sockets (packet(7)). Their queues are only in their memory, so
 * that it is always asked for.
 *
 * Source: linux/packet_diag.h, net/packet/diag.c.
 */
export function packetDump(): DumpRequest<SocketRecord> {
  const payload = new Uint8Array(REQUEST_BYTES)
  payload[0] = AF_PACKET
  new DataView(payload.buffer).setUint32(8, SHOW_INFO | SHOW_MEMORY, LITTLE_ENDIAN)
  return {
    attempt: 'cannot list packet sockets',
    type: SOCK_DIAG_BY_FAMILY,
    payload,
    newDecoder: () => recordOf,
  }
}

/** struct packet_diag_msg, 16 bytes: family u8, type u8, protocol u16, inode u32, cookie. */
function recordOf(bytes: DataView, at: number, end: number): SocketRecord {
  const start = at + HEADER_BYTES + 16
  if (start > end) throw malformed('an entry that is too short')
  const attributes = { bytes, start, end }
  const number = (type: number): number | undefined => {
    const found = findAttribute(attributes, type)
    if (found === undefined || found.start + 4 > found.end) return undefined
    return bytes.getUint32(found.start, LITTLE_ENDIAN)
  }
  const memory = readMemory(attributes, MEMORY)
  // The first number of struct packet_diag_info.
  const interfaceIndex = number(INFO) ?? 0
  const protocol = bytes.getUint16(at + HEADER_BYTES + 2, LITTLE_ENDIAN)
  return {
    protocol: 'packet',
    family: 'packet',
    state: 'unconnected',
    local: { family: 'packet', protocol, interfaceIndex },
    remote: undefined,
    receiveQueue: memory?.receiveBytes,
    sendQueue: memory?.transmitBytes,
    inode: bytes.getUint32(at + HEADER_BYTES + 4, LITTLE_ENDIAN),
    uid: number(UID),
    timer: undefined,
    cookie: bytes.getBigUint64(at + HEADER_BYTES + 8, LITTLE_ENDIAN),
    interfaceIndex,
    unix: undefined,
    drops: readDrops(attributes, MEMORY),
    memory,
  }
}
