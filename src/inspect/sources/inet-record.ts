import type { InetAddress } from '../../address.ts'
import type { IpDetails, Shutdown, SocketMemory, TcpDetails } from '../socket-details.ts'
import type { SocketRecord, SocketState, SocketTimer } from '../types.ts'
import {
  readCgroupId,
  readDrops,
  readIpDetails,
  readMark,
  readMemory,
  readShutdown,
  readTcpDetails,
} from './inet-attributes.ts'
import type { HostReader } from './ip-text.ts'
import { hasRemote, stateOf, timerKindOf } from './kernel-numbers.ts'
import { type Chunk, HEADER_BYTES, LITTLE_ENDIAN, messageEnd } from './netlink-message.ts'
import type { InetProtocol } from './wanted-tables.ts'

/**
 * struct inet_diag_msg behind a netlink header: where its fields are, and its length. Ports and
 * addresses are in network byte order, the other numbers in that of this machine.
 */
const FAMILY = HEADER_BYTES
export const STATE = HEADER_BYTES + 1
const TIMER = HEADER_BYTES + 2
const RETRANSMITS = HEADER_BYTES + 3
const LOCAL_PORT = HEADER_BYTES + 4
const REMOTE_PORT = HEADER_BYTES + 6
const LOCAL_HOST = HEADER_BYTES + 8
const REMOTE_HOST = HEADER_BYTES + 24
const INTERFACE = HEADER_BYTES + 40
const COOKIE = HEADER_BYTES + 44
const EXPIRES = HEADER_BYTES + 52
const RECEIVE_QUEUE = HEADER_BYTES + 56
const SEND_QUEUE = HEADER_BYTES + 60
const UID = HEADER_BYTES + 64
const INODE = HEADER_BYTES + 68
export const MESSAGE_BYTES = HEADER_BYTES + 72

/** linux/socket.h. */
const AF_INET = 2

/** What the sockets of one dump share. */
export interface InetDump {
  readonly protocol: InetProtocol
  readonly readHost: HostReader
  /**
   * Of MPTCP connections: the same connection as TCP sees it, which tells what only TCP knows.
   * Undefined: it was not looked for.
   */
  readonly subflowOf?: ((record: SocketRecord) => SocketRecord | undefined) | undefined
}

/**
 * Reads the cookie of the message at this offset. Cookies are counted from 1, so that they fit into a
 * number, which is several times faster.
 */
export function cookieAt(bytes: DataView, at: number): number | bigint {
  const high = bytes.getUint32(at + COOKIE + (LITTLE_ENDIAN ? 4 : 0), LITTLE_ENDIAN)
  const low = bytes.getUint32(at + COOKIE + (LITTLE_ENDIAN ? 0 : 4), LITTLE_ENDIAN)
  if (high < 2 ** 21) return high * 2 ** 32 + low
  return bytes.getBigUint64(at + COOKIE, LITTLE_ENDIAN)
}

/** A view of one message: each field is decoded when it is read, and not kept. */
export class InetDiagRecord implements SocketRecord {
  #dump: InetDump
  #bytes: DataView
  #at: number

  constructor(dump: InetDump, bytes: DataView, at: number) {
    this.#dump = dump
    this.#bytes = bytes
    this.#at = at
  }

  /** Tells from now on what a newer message says of the same socket. */
  moveTo(dump: InetDump, bytes: DataView, at: number): void {
    this.#dump = dump
    this.#bytes = bytes
    this.#at = at
  }

  /** Takes its message with it: the memory that it stands in will be used for others. */
  keepBytes(): void {
    const start = this.#bytes.byteOffset + this.#at
    const length = messageEnd(this.#bytes, this.#at) - this.#at
    this.#bytes = new DataView(this.#bytes.buffer.slice(start, start + length))
    this.#at = 0
  }

  get protocol(): InetProtocol {
    return this.#dump.protocol
  }

  get family(): 'ipv4' | 'ipv6' {
    return this.#bytes.getUint8(this.#at + FAMILY) === AF_INET ? 'ipv4' : 'ipv6'
  }

  get state(): SocketState {
    const state = stateOf(this.#bytes.getUint8(this.#at + STATE)) ?? 'unconnected'
    // TCP sockets that are closed are in no table, but for those that were bound (Linux 6.8).
    return state === 'unconnected' && this.protocol === 'tcp' ? 'bound-inactive' : state
  }

  get local(): InetAddress {
    return this.#address(LOCAL_HOST, LOCAL_PORT)
  }

  get remote(): InetAddress | undefined {
    return hasRemote(this.state) ? this.#address(REMOTE_HOST, REMOTE_PORT) : undefined
  }

  get receiveQueue(): number {
    return this.#number(RECEIVE_QUEUE)
  }

  get sendQueue(): number {
    return this.#number(SEND_QUEUE)
  }

  get inode(): number {
    return this.#number(INODE)
  }

  get uid(): number | undefined {
    return this.inode === 0 ? undefined : this.#number(UID)
  }

  get timer(): SocketTimer | undefined {
    const kind = timerKindOf(this.#bytes.getUint8(this.#at + TIMER))
    if (kind === undefined) return undefined
    const expires = this.#number(EXPIRES)
    return {
      kind,
      // Kernels before 6.x give a negative number, as unsigned, for a timer that is overdue.
      expiresInMs: expires < 2 ** 31 ? expires : 0,
      retransmits: this.#bytes.getUint8(this.#at + RETRANSMITS),
    }
  }

  get cookie(): bigint {
    return this.#bytes.getBigUint64(this.#at + COOKIE, LITTLE_ENDIAN)
  }

  get interfaceIndex(): number {
    return this.#number(INTERFACE)
  }

  get unix(): undefined {
    return undefined
  }

  get shutdown(): Shutdown | undefined {
    return readShutdown(this.#attributes)
  }

  get drops(): number | undefined {
    return readDrops(this.#attributes)
  }

  get memory(): SocketMemory | undefined {
    return readMemory(this.#attributes)
  }

  get mark(): number | undefined {
    return readMark(this.#attributes)
  }

  get cgroupId(): number | undefined {
    return readCgroupId(this.#attributes)
  }

  get ip(): IpDetails | undefined {
    return readIpDetails(this.#attributes)
  }

  get tcp(): TcpDetails | undefined {
    if (this.protocol === 'tcp') return readTcpDetails(this.#attributes)
    // What stands there of MPTCP is another struct, mptcp_info.
    return this.protocol === 'mptcp' ? this.#dump.subflowOf?.(this)?.tcp : undefined
  }

  get #attributes(): Chunk {
    const start = this.#at + MESSAGE_BYTES
    return { bytes: this.#bytes, start, end: messageEnd(this.#bytes, this.#at) }
  }

  #number(offset: number): number {
    return this.#bytes.getUint32(this.#at + offset, LITTLE_ENDIAN)
  }

  #address(host: number, port: number): InetAddress {
    const family = this.family
    return {
      family,
      host: this.#dump.readHost(family, this.#bytes, this.#at + host),
      port: this.#bytes.getUint16(this.#at + port),
    }
  }
}
