import type { Detail, SocketRecord, SocketState } from '../types.ts'
import { extensionBits } from './inet-attributes.ts'
import { cookieAt, InetDiagRecord, type InetDump, MESSAGE_BYTES, STATE } from './inet-record.ts'
import { hostReader } from './ip-text.ts'
import { stateMask, stateOf } from './kernel-numbers.ts'
import type { KnownRecords } from './known-records.ts'
import { type Decoder, type DumpRequest, SOCK_DIAG_BY_FAMILY } from './netlink.ts'
import { LITTLE_ENDIAN, malformed, withAttribute } from './netlink-message.ts'
import { type InetProtocol, type InetTable, protocolName } from './wanted-tables.ts'

/** What to ask of a table beyond its sockets. */
export interface InetQuestion {
  readonly details?: ReadonlySet<Detail> | undefined
  /** See `Wanted`. A kernel that does not know it refuses the request with EINVAL or EPERM. */
  readonly kernelFilter?: Uint8Array | undefined
  readonly subflowOf?: InetDump['subflowOf']
  /** What is known of this table from the look before. Undefined: this is the only look. */
  readonly known?: KnownRecords | undefined
}

/** linux/socket.h, linux/in.h, linux/inet_diag.h. */
const AF_INET = 2
const AF_INET6 = 10
const IPPROTO_TCP = 6
const IPPROTO_MPTCP = 262
const TCPDIAG_GETSOCK = 18

/** MPTCP does not fit into the byte, and has an attribute of its own. */
export const PROTOCOL_BYTES: Readonly<Record<InetProtocol, number>> = {
  tcp: IPPROTO_TCP,
  mptcp: IPPROTO_TCP,
  udp: 17,
  udplite: 136,
  raw: 255,
}

/** Attributes of a request: INET_DIAG_REQ_*. */
const BYTECODE = 1
const PROTOCOL = 3

/**
 * Makes the request for a table of IP sockets.
 *
 * struct inet_diag_req_v2, 56 bytes: family u8, protocol u8, ext u8, pad u8, states u32, id.
 */
export function inetDump(
  { protocol, family, states }: InetTable,
  question: InetQuestion = {},
): DumpRequest<SocketRecord> {
  const request = new Uint8Array(56)
  request[0] = family === 'ipv4' ? AF_INET : AF_INET6
  request[1] = PROTOCOL_BYTES[protocol]
  request[2] = extensionBits(question.details)
  new DataView(request.buffer).setUint32(4, stateMask(states), LITTLE_ENDIAN)
  const payload = protocol === 'mptcp' ? withAttribute(request, PROTOCOL, MPTCP_NUMBER) : request
  return {
    attempt: `cannot list ${protocolName(protocol)} sockets`,
    type: SOCK_DIAG_BY_FAMILY,
    payload: withFilter(payload, question),
    ...answerOf(protocol, question),
  }
}

/**
 * Makes the request for the TCP sockets of both families at once. The kernel walks all its hash
 * tables for each request; this older form of it saves one of two walks, which takes longer than
 * all else where there are few sockets in large tables. IPv4 and IPv6 come mixed.
 *
 * struct inet_diag_req, 60 bytes: family u8, two lengths u8, ext u8, id, states u32, dbs u32.
 */
export function tcpDump(
  states: ReadonlySet<SocketState>,
  question: InetQuestion = {},
): DumpRequest<SocketRecord> {
  const request = new Uint8Array(60)
  request[3] = extensionBits(question.details)
  new DataView(request.buffer).setUint32(52, stateMask(states), LITTLE_ENDIAN)
  return {
    attempt: 'cannot list TCP sockets',
    type: TCPDIAG_GETSOCK,
    payload: withFilter(request, question),
    ...answerOf('tcp', question),
  }
}

const MPTCP_NUMBER = new Uint8Array(4)
new DataView(MPTCP_NUMBER.buffer).setUint32(0, IPPROTO_MPTCP, LITTLE_ENDIAN)

function withFilter(payload: Uint8Array, { kernelFilter }: InetQuestion): Uint8Array {
  return kernelFilter === undefined ? payload : withAttribute(payload, BYTECODE, kernelFilter)
}

function answerOf(
  protocol: InetProtocol,
  { subflowOf, known }: InetQuestion,
): Pick<DumpRequest<SocketRecord>, 'newDecoder' | 'nextBlock'> {
  return {
    newDecoder() {
      const dump = { protocol, readHost: hostReader(), subflowOf }
      return inetDecoder(known?.begin(dump) ?? oneOfEach(dump))
    },
    ...(known !== undefined && { nextBlock: bytes => known.nextBlock(bytes) }),
  }
}

function inetDecoder(decode: Decoder<SocketRecord>): Decoder<SocketRecord> {
  return (bytes, at, end) => {
    if (end - at < MESSAGE_BYTES) throw malformed('an entry that is too short')
    const isKnownState = stateOf(bytes.getUint8(at + STATE)) !== undefined
    return isKnownState ? decode(bytes, at, end) : undefined
  }
}

/**
 * Makes the function that gives a record for each message, once for each socket. The kernel walks its
 * hash tables while they change: one that moves on, as from bound to connected, can come twice.
 */
function oneOfEach(dump: InetDump): Decoder<SocketRecord> {
  const seen = new Set<number | bigint>()
  return (bytes, at) => {
    const isNew = seen.size < seen.add(cookieAt(bytes, at)).size
    return isNew ? new InetDiagRecord(dump, bytes, at) : undefined
  }
}
