import type { InetAddress } from '../../address.ts'
import type { SocketRecord, SocketState, SocketTimer } from '../types.ts'
import { hostReader } from './ip-text.ts'
import { hasRemote, stateMask, stateOf, timerKindOf } from './kernel-numbers.ts'
import type { DumpRequest } from './netlink.ts'
import { HEADER_BYTES, LITTLE_ENDIAN, malformed } from './netlink-message.ts'

/** One table of IP sockets, and which of its sockets are wanted. */
export interface InetTable {
  readonly protocol: 'tcp' | 'udp'
  readonly family: 'ipv4' | 'ipv6'
  readonly states: ReadonlySet<SocketState>
}

const AF_INET = 2
const AF_INET6 = 10
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17

/** struct inet_diag_req_v2, 56 bytes: family u8, protocol u8, ext u8, pad u8, states u32, id. */
const REQUEST_BYTES = 56

/** Makes the request for a table of IP sockets. Source: linux/inet_diag.h. */
export function inetDump({ protocol, family, states }: InetTable): DumpRequest<SocketRecord> {
  const payload = new Uint8Array(REQUEST_BYTES)
  payload[0] = family === 'ipv4' ? AF_INET : AF_INET6
  payload[1] = protocol === 'tcp' ? IPPROTO_TCP : IPPROTO_UDP
  new DataView(payload.buffer).setUint32(4, stateMask(states), LITTLE_ENDIAN)
  const dump = { protocol, hostText: hostReader(family) }
  return {
    attempt: `cannot list ${protocol.toUpperCase()} sockets over ${family === 'ipv4' ? 'IPv4' : 'IPv6'}`,
    payload,
    decode: (bytes, at, end) => {
      if (end - at < MESSAGE_BYTES) throw malformed('an entry that is too short')
      return stateOf(bytes.getUint8(at + STATE)) && new InetDiagRecord(dump, bytes, at)
    },
  }
}

/**
 * struct inet_diag_msg behind a netlink header: where its fields are, and its length. Ports and
 * addresses are in network byte order, the other numbers in that of this machine.
 */
const FAMILY = HEADER_BYTES
const STATE = HEADER_BYTES + 1
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
const MESSAGE_BYTES = HEADER_BYTES + 72

/** What the sockets of one dump share. */
interface InetDump {
  readonly protocol: 'tcp' | 'udp'
  readonly hostText: (bytes: DataView, offset: number) => string
}

/** A view of one message: each field is decoded when it is read, and not kept. */
class InetDiagRecord implements SocketRecord {
  readonly #dump: InetDump
  readonly #bytes: DataView
  readonly #at: number

  constructor(dump: InetDump, bytes: DataView, at: number) {
    this.#dump = dump
    this.#bytes = bytes
    this.#at = at
  }

  get protocol(): 'tcp' | 'udp' {
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

  #number(offset: number): number {
    return this.#bytes.getUint32(this.#at + offset, LITTLE_ENDIAN)
  }

  #address(host: number, port: number): InetAddress {
    return {
      family: this.family,
      host: this.#dump.hostText(this.#bytes, this.#at + host),
      port: this.#bytes.getUint16(this.#at + port),
    }
  }
}
