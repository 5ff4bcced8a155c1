import type { UnixAddress } from '../../address.ts'
import type { Shutdown, SocketMemory } from '../socket-details.ts'
import type { Detail, SocketRecord, SocketState, UnixDetails } from '../types.ts'
import { readDrops, readMemory, shutdownOf } from './inet-attributes.ts'
import { stateMask, stateOf, unixTypeOf } from './kernel-numbers.ts'
import { type DumpRequest, SOCK_DIAG_BY_FAMILY } from './netlink.ts'
import {
  type Chunk,
  findAttribute,
  HEADER_BYTES,
  LITTLE_ENDIAN,
  malformed,
} from './netlink-message.ts'

const AF_UNIX = 1

/** struct unix_diag_req, 24 bytes: family u8, protocol u8, pad u16, states, inode, show u32, cookie. */
const REQUEST_BYTES = 24
const EVERY_STATE = 0xffffffff
const SHOW_NAME = 1
const SHOW_VFS = 2
const SHOW_PEER = 4
const SHOW_QUEUES = 16
const SHOW_MEMORY = 32
const SHOW_UID = 64

/**
 * Makes the request for the unix sockets in these states. The other end of a socket is found by its
 * inode in the same answer; it may be in another state, so that all are asked for. Only listeners
 * have no other end.
 *
 * Source: linux/unix_diag.h.
 */
export function unixDump(
  states: ReadonlySet<SocketState>,
  details: ReadonlySet<Detail> = new Set(),
): DumpRequest<SocketRecord> {
  const payload = new Uint8Array(REQUEST_BYTES)
  const fields = new DataView(payload.buffer)
  payload[0] = AF_UNIX
  const hasOnlyListeners = states.size === 1 && states.has('listen')
  fields.setUint32(4, hasOnlyListeners ? stateMask(states) : EVERY_STATE, LITTLE_ENDIAN)
  const memory = details.has('memory') ? SHOW_MEMORY : 0
  const file = details.has('file') ? SHOW_VFS : 0
  const show = SHOW_NAME | SHOW_PEER | SHOW_QUEUES | SHOW_UID | memory | file
  fields.setUint32(12, show, LITTLE_ENDIAN)
  return {
    attempt: 'cannot list unix sockets',
    type: SOCK_DIAG_BY_FAMILY,
    payload,
    newDecoder() {
      const byInode = new Map<number, SocketRecord>()
      return (bytes, at, end) => {
        if (end - at < MESSAGE_BYTES) throw malformed('an entry that is too short')
        const type = unixTypeOf(bytes.getUint8(at + TYPE))
        if (type === undefined) return undefined
        const record = new UnixDiagRecord({ bytes, start: at, end }, type, byInode)
        const isNew = byInode.size < byInode.set(record.inode, record).size
        return isNew && states.has(record.state) ? record : undefined
      }
    },
  }
}

/** struct unix_diag_msg behind a netlink header: where its fields are, and its length. */
const TYPE = HEADER_BYTES + 1
const STATE = HEADER_BYTES + 2
const INODE = HEADER_BYTES + 4
const COOKIE = HEADER_BYTES + 8
const MESSAGE_BYTES = HEADER_BYTES + 16

/** The attributes that follow it. */
const UNIX_DIAG_NAME = 0
const UNIX_DIAG_VFS = 1
const UNIX_DIAG_PEER = 2
const UNIX_DIAG_RQLEN = 4
const UNIX_DIAG_MEMINFO = 5
const UNIX_DIAG_SHUTDOWN = 6
const UNIX_DIAG_UID = 7

/** A view of one message: each field is decoded when it is read, and not kept. */
class UnixDiagRecord implements SocketRecord {
  readonly #message: Chunk
  readonly #type: UnixDetails['type']
  readonly #byInode: ReadonlyMap<number, SocketRecord>

  constructor(
    message: Chunk,
    type: UnixDetails['type'],
    byInode: ReadonlyMap<number, SocketRecord>,
  ) {
    this.#message = message
    this.#type = type
    this.#byInode = byInode
  }

  get protocol(): 'unix' {
    return 'unix'
  }

  get family(): 'unix' {
    return 'unix'
  }

  get state(): SocketState {
    return stateOf(this.#message.bytes.getUint8(this.#message.start + STATE)) ?? 'unconnected'
  }

  get local(): UnixAddress {
    const name = this.#attribute(UNIX_DIAG_NAME)
    return { family: 'unix', path: name === undefined ? '' : pathOf(name) }
  }

  get remote(): UnixAddress | undefined {
    const peer = this.#byInode.get(this.#peerInode ?? 0)
    return peer?.local.family === 'unix' ? peer.local : undefined
  }

  get receiveQueue(): number | undefined {
    return this.#attributeNumber(UNIX_DIAG_RQLEN)
  }

  get sendQueue(): number | undefined {
    return this.#attributeNumber(UNIX_DIAG_RQLEN, 4)
  }

  get inode(): number {
    return this.#number(INODE)
  }

  get uid(): number | undefined {
    return this.#attributeNumber(UNIX_DIAG_UID)
  }

  get timer(): undefined {
    return undefined
  }

  get cookie(): bigint {
    return this.#message.bytes.getBigUint64(this.#message.start + COOKIE, LITTLE_ENDIAN)
  }

  get interfaceIndex(): undefined {
    return undefined
  }

  get unix(): UnixDetails {
    const fileInode = this.#attributeNumber(UNIX_DIAG_VFS)
    return {
      type: this.#type,
      peerInode: this.#peerInode,
      ...(fileInode !== undefined && { fileInode }),
    }
  }

  get shutdown(): Shutdown | undefined {
    const payload = this.#attribute(UNIX_DIAG_SHUTDOWN)
    if (payload === undefined || payload.start >= payload.end) return undefined
    return shutdownOf(payload.bytes.getUint8(payload.start))
  }

  get drops(): number | undefined {
    return readDrops(this.#attributes, UNIX_DIAG_MEMINFO)
  }

  get memory(): SocketMemory | undefined {
    return readMemory(this.#attributes, UNIX_DIAG_MEMINFO)
  }

  /** 0 is a peer that no process has accepted yet: it has no inode. */
  get #peerInode(): number | undefined {
    return this.#attributeNumber(UNIX_DIAG_PEER) || undefined
  }

  #number(offset: number): number {
    return this.#message.bytes.getUint32(this.#message.start + offset, LITTLE_ENDIAN)
  }

  get #attributes(): Chunk {
    const { bytes, start, end } = this.#message
    return { bytes, start: start + MESSAGE_BYTES, end }
  }

  #attribute(type: number): Chunk | undefined {
    return findAttribute(this.#attributes, type)
  }

  #attributeNumber(type: number, offset = 0): number | undefined {
    const payload = this.#attribute(type)
    if (payload === undefined || payload.start + offset + 4 > payload.end) return undefined
    return payload.bytes.getUint32(payload.start + offset, LITTLE_ENDIAN)
  }
}

/** A path ends at its NUL. A name that begins with a NUL is abstract: `@` stands for that NUL. */
function pathOf({ bytes, start, end }: Chunk): string {
  const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
  if (name[0] === 0) return `@${name.toString('utf8', 1)}`
  const length = name.indexOf(0)
  return name.toString('utf8', 0, length === -1 ? name.length : length)
}
