import type { VsockEnd } from '../ends.ts'
import type { SocketRecord, SocketState } from '../types.ts'
import { shutdownOf } from './inet-attributes.ts'
import { hasRemote, stateMask, stateOf } from './kernel-numbers.ts'
import { type Decoder, type DumpRequest, SOCK_DIAG_BY_FAMILY } from './netlink.ts'
import { HEADER_BYTES, LITTLE_ENDIAN, malformed } from './netlink-message.ts'

const AF_VSOCK = 40

/** struct vsock_diag_req, 24 bytes: family u8, protocol u8, pad u16, states, inode, show, cookie. */
const REQUEST_BYTES = 24

/** struct vsock_diag_msg behind a netlink header: where its fields are, and its length. */
const STATE = HEADER_BYTES + 2
const SHUTDOWN = HEADER_BYTES + 3
const LOCAL = HEADER_BYTES + 4
const REMOTE = HEADER_BYTES + 12
const INODE = HEADER_BYTES + 20
const COOKIE = HEADER_BYTES + 24
const MESSAGE_BYTES = HEADER_BYTES + 32

/**
 * Makes the request for the vsock sockets in these states. The kernel tells neither their queues
 * nor their users.
 *
 * Source: linux/vm_sockets_diag.h, net/vmw_vsock/diag.c.
 */
export function vsockDump(states: ReadonlySet<SocketState>): DumpRequest<SocketRecord> {
  const payload = new Uint8Array(REQUEST_BYTES)
  payload[0] = AF_VSOCK
  new DataView(payload.buffer).setUint32(4, stateMask(states), LITTLE_ENDIAN)
  return {
    attempt: 'cannot list vsock sockets',
    type: SOCK_DIAG_BY_FAMILY,
    payload,
    newDecoder: () => decode,
  }
}

const decode: Decoder<SocketRecord> = (bytes, at, end) => {
  if (at + MESSAGE_BYTES > end) throw malformed('an entry that is too short')
  const state = stateOf(bytes.getUint8(at + STATE))
  if (state === undefined) return undefined
  return {
    protocol: 'vsock',
    family: 'vsock',
    state,
    local: endAt(bytes, at + LOCAL),
    remote: hasRemote(state) ? endAt(bytes, at + REMOTE) : undefined,
    receiveQueue: undefined,
    sendQueue: undefined,
    inode: bytes.getUint32(at + INODE, LITTLE_ENDIAN),
    uid: undefined,
    timer: undefined,
    cookie: bytes.getBigUint64(at + COOKIE, LITTLE_ENDIAN),
    interfaceIndex: undefined,
    unix: undefined,
    shutdown: shutdownOf(bytes.getUint8(at + SHUTDOWN)),
  }
}

function endAt(bytes: DataView, at: number): VsockEnd {
  return {
    family: 'vsock',
    cid: bytes.getUint32(at, LITTLE_ENDIAN),
    port: bytes.getUint32(at + 4, LITTLE_ENDIAN),
  }
}
