import type { InetAddress } from '../../address.ts'
import type { SocketRecord, SocketState, SocketTimer } from '../types.ts'
import { type HostReader, hostReader } from './ip-text.ts'
import { hasRemote, stateMask, stateOf, timerKindOf } from './kernel-numbers.ts'
import { type Decoder, type DumpRequest, SOCK_DIAG_BY_FAMILY } from './netlink.ts'
import { HEADER_BYTES, LITTLE_ENDIAN, malformed } from './netlink-message.ts'
import type { InetTable } from './wanted-tables.ts'

/** linux/socket.h, linux/in.h, linux/inet_diag.h. */
const AF_INET = 2
const AF_INET6 = 10
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
const TCPDIAG_GETSOCK = 18

/**
 * Makes the request for a table of IP sockets.
 *
 * struct inet_diag_req_v2, 56 bytes: family u8, protocol u8, ext u8, pad u8, states u32, id.
 */
export function inetDump({ protocol, family, states }: InetTable): DumpRequest<SocketRecord> {
  const payload = new Uint8Array(56)
  payload[0] = family === 'ipv4' ? AF_INET : AF_INET6
  payload[1] = protocol === 'tcp' ? IPPROTO_TCP : IPPROTO_UDP
  new DataView(payload.buffer).setUint32(4, stateMask(states), LITTLE_ENDIAN)
  return {
    attempt: `cannot list ${protocol.toUpperCase()} sockets`,
    type: SOCK_DIAG_BY_FAMILY,
    payload,
    newDecoder: () => inetDecoder(protocol),
  }
}

/**
 * Makes the request for the TCP sockets of both families at once. The kernel walks all its hash
 * tables for each request; this older form of it saves one of two walks, which takes longer than
 * all else where there are few sockets in large tables. IPv4 and IPv6 come mixed.
 *
 * struct inet_diag_req, 60 bytes: family u8, two lengths u8, ext u8, id, states u32, dbs u32.
 */
export function tcpDump(states: ReadonlySet<SocketState>): DumpRequest<SocketRecord> {
  const payload = new Uint8Array(60)
  new DataView(payload.buffer).setUint32(52, stateMask(states), LITTLE_ENDIAN)
  return {
    attempt: 'cannot list TCP sockets',
    type: TCPDIAG_GETSOCK,
    payload,
    newDecoder: () => inetDecoder('tcp'),
  }
}

function inetDecoder(protocol: 'tcp' | 'udp'): Decoder<SocketRecord> {
  const dump = { protocol, readHost: hostReader() }
  const isNew = cookieMemory()
  return (bytes, at, end) => {
    if (end - at < MESSAGE_BYTES) throw malformed('an entry that is too short')
    const isKnownState = stateOf(bytes.getUint8(at + STATE)) !== undefined
    return isKnownState && isNew(bytes, at) ? new InetDiagRecord(dump, bytes, at) : undefined
  }
}

/**
 * Makes a function that tells whether a socket comes for the first time. The kernel walks its hash
 * tables while they change: a socket that moves on, as from bound to connected, can come twice.
 */
function cookieMemory(): (bytes: DataView, at: number) => boolean {
  const seen = new Set<number | bigint>()
  return (bytes, at) => {
    const high = bytes.getUint32(at + COOKIE + (LITTLE_ENDIAN ? 4 : 0), LITTLE_ENDIAN)
    const low = bytes.getUint32(at + COOKIE + (LITTLE_ENDIAN ? 0 : 4), LITTLE_ENDIAN)
    // Cookies are counted from 1, so that they fit into a number, which is several times faster.
    const fits = high < 2 ** 21
    const cookie = fits ? high * 2 ** 32 + low : bytes.getBigUint64(at + COOKIE, LITTLE_ENDIAN)
    return seen.size < seen.add(cookie).size
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
  readonly readHost: HostReader
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
    const family = this.family
    return {
      family,
      host: this.#dump.readHost(family, this.#bytes, this.#at + host),
      port: this.#bytes.getUint16(this.#at + port),
    }
  }
}
