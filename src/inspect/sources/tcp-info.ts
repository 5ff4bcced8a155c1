import type { TcpInfo } from '../socket-details.ts'
import { type Chunk, LITTLE_ENDIAN } from './netlink-message.ts'

/**
 * Reads struct tcp_info. It has grown with the kernel and never changed: a field is there when it
 * lies within the length that the kernel gave.
 *
 * Source: linux/tcp.h, tcp_get_info() in net/ipv4/tcp.c.
 */
export function readTcpInfo({ bytes, start, end }: Chunk): TcpInfo {
  const u8 = (offset: number): number | undefined =>
    start + offset + 1 <= end ? bytes.getUint8(start + offset) : undefined
  const u16 = (offset: number): number | undefined =>
    start + offset + 2 <= end ? bytes.getUint16(start + offset, LITTLE_ENDIAN) : undefined
  const u32 = (offset: number): number | undefined =>
    start + offset + 4 <= end ? bytes.getUint32(start + offset, LITTLE_ENDIAN) : undefined
  // Not getBigUint64, which is slower: what is counted here fits into a number.
  const u64 = (offset: number): number | undefined => {
    if (start + offset + 8 > end) return undefined
    const first = bytes.getUint32(start + offset, LITTLE_ENDIAN)
    const second = bytes.getUint32(start + offset + 4, LITTLE_ENDIAN)
    return LITTLE_ENDIAN ? second * 2 ** 32 + first : first * 2 ** 32 + second
  }
  const options = u8(5)
  const scales = u8(6)
  const appLimited = end - start >= SINCE_DELIVERY_RATE ? u8(7) : undefined
  return {
    congestionAvoidance: CONGESTION_STATES[u8(1) ?? -1],
    retransmits: u8(2),
    probes: u8(3),
    backoff: u8(4),
    options: options === undefined ? undefined : OPTION_LISTS[options & 63],
    sndWscale: scales === undefined ? undefined : nibble(scales, 0),
    rcvWscale: scales === undefined ? undefined : nibble(scales, 1),
    isAppLimited: appLimited === undefined ? undefined : isFirstBitSet(appLimited),
    rtoUs: u32(8),
    atoUs: u32(12),
    sndMssBytes: u32(16),
    rcvMssBytes: u32(20),
    unacked: u32(24),
    sacked: u32(28),
    lost: u32(32),
    retrans: u32(36),
    lastDataSentMs: u32(44),
    lastDataRecvMs: u32(52),
    lastAckRecvMs: u32(56),
    pmtuBytes: u32(60),
    rcvSsthreshBytes: u32(64),
    rttUs: u32(68),
    rttVarUs: u32(72),
    sndSsthresh: below(u32(76), NO_THRESHOLD),
    sndCwnd: u32(80),
    advmssBytes: u32(84),
    reordering: u32(88),
    rcvRttUs: u32(92),
    rcvSpaceBytes: u32(96),
    totalRetrans: u32(100),
    pacingRateBytesPerSecond: below(u64(104), NO_RATE),
    maxPacingRateBytesPerSecond: below(u64(112), NO_RATE),
    bytesAcked: u64(120),
    bytesReceived: u64(128),
    segsOut: u32(136),
    segsIn: u32(140),
    notsentBytes: u32(144),
    minRttUs: below(u32(148), NOT_MEASURED),
    dataSegsIn: u32(152),
    dataSegsOut: u32(156),
    deliveryRateBytesPerSecond: u64(160),
    busyTimeUs: u64(168),
    rwndLimitedUs: u64(176),
    sndbufLimitedUs: u64(184),
    delivered: u32(192),
    deliveredCe: u32(196),
    bytesSent: u64(200),
    bytesRetrans: u64(208),
    dsackDups: u32(216),
    reordSeen: u32(220),
    rcvOoopack: u32(224),
    sndWndBytes: u32(228),
    rcvWndBytes: u32(232),
    rehash: u32(236),
    totalRto: u16(240),
    totalRtoRecoveries: u16(242),
    totalRtoTimeMs: u32(244),
  }
}

/** enum tcp_ca_state. */
const CONGESTION_STATES: readonly TcpInfo['congestionAvoidance'][] = [
  'open',
  'disorder',
  'cwr',
  'recovery',
  'loss',
]

/** TCPI_OPT_* by bit, in the words of ss(8). */
const OPTIONS = ['ts', 'sack', 'wscale', 'ecn', 'ecnseen', 'fastopen'] as const

/** One list for each combination: many connections share it. */
const OPTION_LISTS: readonly (readonly string[])[] = Array.from({ length: 64 }, (_, bits) =>
  OPTIONS.filter((_, bit) => (bits & (1 << bit)) !== 0),
)

/** The byte with delivery_rate_app_limited was a hole before there was a delivery rate (4.9). */
const SINCE_DELIVERY_RATE = 168

/** TCP_INFINITE_SSTHRESH: no loss has set one yet. */
const NO_THRESHOLD = 0x7fffffff
const NOT_MEASURED = 0xffffffff
/** All ones, as a floating-point number. */
const NO_RATE = 2 ** 64

function below(value: number | undefined, limit: number): number | undefined {
  return value !== undefined && value < limit ? value : undefined
}

/** Bit fields are given out from the low end on little-endian machines, else from the high one. */
function nibble(byte: number, index: 0 | 1): number {
  return (index === 0) === LITTLE_ENDIAN ? byte & 0xf : byte >> 4
}

function isFirstBitSet(byte: number): boolean {
  return (byte & (LITTLE_ENDIAN ? 1 : 0x80)) !== 0
}
