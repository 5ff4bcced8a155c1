import type { IpDetails, Shutdown, SocketMemory, TcpDetails } from '../socket-details.ts'
import type { Detail } from '../types.ts'
import { type Chunk, eachAttribute, findAttribute, LITTLE_ENDIAN } from './netlink-message.ts'
import { readTcpInfo } from './tcp-info.ts'

/*
 * The attributes behind struct inet_diag_msg: INET_DIAG_* of linux/inet_diag.h. One of them,
 * INET_DIAG_MD5SIG (18), holds the keys of RFC 2385 in clear: it is never read.
 */

const INFO = 2
const VEGAS = 3
const CONGESTION = 4
const TOS = 5
const TRAFFIC_CLASS = 6
const MEMORY = 7
const SHUTDOWN = 8
const DCTCP = 9
const V6ONLY = 11
const MARK = 15
const BBR = 16
const CLASS_ID = 17
const UPPER_PROTOCOL = 19
const CGROUP_ID = 21
const OPTIONS = 22

/** What the bits of `ext` in a request ask for: bit n - 1 for attribute n. The rest comes unasked. */
const EXTENSIONS: Readonly<Record<Detail, number>> = {
  'tcp-info': bitOf(INFO),
  // This one bit stands for whatever the algorithm tells: vegas, dctcp or bbr.
  congestion: bitOf(CONGESTION) | bitOf(VEGAS),
  memory: bitOf(MEMORY),
  // The traffic class brings the class id along.
  ip: bitOf(TOS) | bitOf(TRAFFIC_CLASS),
  // Only unix sockets have one.
  file: 0,
}

/** The byte `ext` of a request that asks for these details. */
export function extensionBits(details: ReadonlySet<Detail> = new Set()): number {
  let bits = 0
  for (const detail of details) bits |= EXTENSIONS[detail]
  return bits
}

function bitOf(attribute: number): number {
  return 1 << (attribute - 1)
}

/** @param attributes where they are: behind the fixed part of a message, to its end */
export function readShutdown(attributes: Chunk): Shutdown | undefined {
  return shutdownOf(readU8(attributes, SHUTDOWN))
}

/** Names the bits RCV_SHUTDOWN and SEND_SHUTDOWN of net/sock.h. */
export function shutdownOf(bits: number | undefined): Shutdown | undefined {
  return SHUTDOWNS[(bits ?? 0) & 3]
}

const SHUTDOWNS: readonly (Shutdown | undefined)[] = [undefined, 'receive', 'send', 'both']

export function readMark(attributes: Chunk): number | undefined {
  return readU32(attributes, MARK)
}

/** An inode of cgroup2, counted from 1: it fits into a number. */
export function readCgroupId(attributes: Chunk): number | undefined {
  const found = findAttribute(attributes, CGROUP_ID)
  if (found === undefined || found.start + 8 > found.end) return undefined
  return Number(found.bytes.getBigUint64(found.start, LITTLE_ENDIAN))
}

/** What stands in an attribute of SK_MEMINFO_* numbers: also those of other families. */
export function readMemory(attributes: Chunk, type = MEMORY): SocketMemory | undefined {
  const found = findAttribute(attributes, type)
  // Older kernels give fewer: all but the drops were there from the first (Linux 3.3 to 4.7).
  if (found === undefined || found.start + 4 * 8 > found.end) return undefined
  const number = (index: number): number => numberAt(found, index)
  return {
    receiveBytes: number(0),
    receiveLimitBytes: number(1),
    transmitBytes: number(2),
    sendLimitBytes: number(3),
    forwardAllocBytes: number(4),
    sendQueueBytes: number(5),
    optionBytes: number(6),
    backlogBytes: number(7),
  }
}

/** SK_MEMINFO_DROPS: it came with Linux 4.7. */
export function readDrops(attributes: Chunk, type = MEMORY): number | undefined {
  const found = findAttribute(attributes, type)
  return found === undefined || found.start + 4 * 9 > found.end ? undefined : numberAt(found, 8)
}

/** Undefined where nothing is told: of TIME_WAIT and its like. */
export function readIpDetails(attributes: Chunk): IpDetails | undefined {
  const typeOfService = readU8(attributes, TOS)
  const trafficClass = readU8(attributes, TRAFFIC_CLASS)
  const classId = readU32(attributes, CLASS_ID)
  const v6only = readU8(attributes, V6ONLY)
  const options = readOptions(attributes)
  const isTold = [typeOfService, trafficClass, classId, v6only, options].some(
    one => one !== undefined,
  )
  const isV6only = v6only === undefined ? undefined : v6only !== 0
  return isTold ? { typeOfService, trafficClass, classId, isV6only, options } : undefined
}

/** Undefined where nothing is told: of TIME_WAIT and its like, or when it was not asked for. */
export function readTcpDetails(attributes: Chunk): TcpDetails | undefined {
  const { bytes } = attributes
  let info: Chunk | undefined
  let congestion: Chunk | undefined
  let congestionState: Record<string, number> | undefined
  let upper: Chunk | undefined
  // One walk for all: of many connections it is what takes the time.
  eachAttribute(attributes, (type, start, end) => {
    if (type === INFO) info = { bytes, start, end }
    else if (type === CONGESTION) congestion = { bytes, start, end }
    else if (type === UPPER_PROTOCOL) upper = { bytes, start, end }
    else congestionState ??= readCongestionState(type, { bytes, start, end })
  })
  if (info === undefined && congestion === undefined && upper === undefined) return undefined
  const upperName = upper && findAttribute(upper, ULP_NAME)
  return {
    info: info && readTcpInfo(info),
    congestion: congestion && textOf(congestion),
    congestionState,
    upperProtocol: upperName && textOf(upperName),
  }
}

/** INET_ULP_INFO_NAME, within the attribute of the protocol above. */
const ULP_NAME = 1

/** struct inet_diag_sockopt by bit. `is_icsk`, the second, is none that anybody has set. */
const OPTION_NAMES: readonly (string | undefined)[] = [
  'recverr',
  undefined,
  'freebind',
  'hdrincl',
  'multicast_loop',
  'transparent',
  'multicast_all',
  'nodefrag',
  'bind_address_no_port',
  'recverr_rfc4884',
  'defer_connect',
]

function readOptions(attributes: Chunk): string[] | undefined {
  const found = findAttribute(attributes, OPTIONS)
  if (found === undefined || found.start + 2 > found.end) return undefined
  return OPTION_NAMES.filter((name, bit): name is string => {
    const byte = found.bytes.getUint8(found.start + (bit >> 3))
    // Bit fields: see nibble() in tcp-info.ts.
    return name !== undefined && (byte & (LITTLE_ENDIAN ? 1 << (bit & 7) : 0x80 >> (bit & 7))) !== 0
  })
}

/** struct tcpvegas_info, tcp_dctcp_info and tcp_bbr_info, by the kernel's names without a prefix. */
function readCongestionState(type: number, payload: Chunk): Record<string, number> | undefined {
  switch (type) {
    case VEGAS:
      return numbersOf(payload, ['enabled', 'rttcnt', 'rtt', 'minrtt'])
    case BBR: {
      const names = ['bw_lo', 'bw_hi', 'min_rtt', 'pacing_gain', 'cwnd_gain']
      const { bw_lo = 0, bw_hi = 0, ...rest } = numbersOf(payload, names)
      return { bw: bw_hi * 2 ** 32 + bw_lo, ...rest }
    }
    case DCTCP: {
      const { bytes, start, end } = payload
      if (start + 4 > end) return undefined
      return {
        enabled: bytes.getUint16(start, LITTLE_ENDIAN),
        ce_state: bytes.getUint16(start + 2, LITTLE_ENDIAN),
        ...numbersOf({ bytes, start: start + 4, end }, ['alpha', 'ab_ecn', 'ab_tot']),
      }
    }
    default:
      return undefined
  }
}

function numbersOf(payload: Chunk, names: readonly string[]): Record<string, number> {
  const numbers: Record<string, number> = {}
  for (const [index, name] of names.entries()) {
    if (payload.start + 4 * index + 4 <= payload.end) numbers[name] = numberAt(payload, index)
  }
  return numbers
}

function readU8(attributes: Chunk, type: number): number | undefined {
  const found = findAttribute(attributes, type)
  return found === undefined || found.start >= found.end
    ? undefined
    : found.bytes.getUint8(found.start)
}

function readU32(attributes: Chunk, type: number): number | undefined {
  const found = findAttribute(attributes, type)
  return found === undefined || found.start + 4 > found.end ? undefined : numberAt(found, 0)
}

function numberAt({ bytes, start }: Chunk, index: number): number {
  return bytes.getUint32(start + 4 * index, LITTLE_ENDIAN)
}

/** A name that ends at its NUL. */
function textOf({ bytes, start, end }: Chunk): string {
  const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
  const length = name.indexOf(0)
  return name.toString('utf8', 0, length === -1 ? name.length : length)
}
