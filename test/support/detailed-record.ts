import type { SocketMemory, TcpDetails, TcpInfo } from '../../src/inspect/socket-details.ts'
import type { Detail, SocketRecord } from '../../src/inspect/types.ts'
import { connection } from './records.ts'

export const ALL_DETAILS: ReadonlySet<Detail> = new Set(['tcp-info', 'memory', 'congestion', 'ip'])

/** Names for the numbers in `detailed()`. */
export const NAMES = {
  interfaceName: (index: number) => ({ 2: 'eth0' })[index],
  cgroupName: (id: number) =>
    ({ 77: '/system.slice/shop.service', 78: `/docker/${'ab12'.repeat(16)}` })[id],
  containerOf: ({ cgroupId }: SocketRecord) =>
    cgroupId === 78 ? ({ kind: 'docker', id: 'ab12'.repeat(16) } as const) : undefined,
}

/** A connection over loopback of which everything is known: three segments were sent again. */
export function detailed(parts: Partial<SocketRecord> = {}): SocketRecord {
  return connection('127.0.0.1:8080', '127.0.0.1:40000', {
    interfaceIndex: 2,
    drops: 0,
    mark: 0x10,
    cgroupId: 77,
    shutdown: 'send',
    netns: { inode: 4026531833, name: 'shop' },
    memory: MEMORY,
    ip: {
      typeOfService: 16,
      trafficClass: 0,
      classId: 1,
      isV6only: false,
      options: ['recverr', 'freebind'],
    },
    tcp: TCP,
    ...parts,
  })
}

export const MEMORY: SocketMemory = {
  receiveBytes: 2304,
  receiveLimitBytes: 131_072,
  transmitBytes: 0,
  sendLimitBytes: 2_626_560,
  forwardAllocBytes: 1792,
  sendQueueBytes: 0,
  optionBytes: 0,
  backlogBytes: 0,
}

export const TCP_INFO: TcpInfo = {
  congestionAvoidance: 'open',
  retransmits: 0,
  probes: 0,
  backoff: 0,
  options: ['ts', 'sack', 'wscale'],
  sndWscale: 7,
  rcvWscale: 7,
  isAppLimited: true,
  rtoUs: 204_000,
  atoUs: 40_000,
  sndMssBytes: 1448,
  rcvMssBytes: 536,
  unacked: 0,
  sacked: 0,
  lost: 0,
  retrans: 0,
  lastDataSentMs: 3100,
  lastDataRecvMs: 4200,
  lastAckRecvMs: 3100,
  pmtuBytes: 1500,
  rcvSsthreshBytes: 64_088,
  rttUs: 1234,
  rttVarUs: 321,
  sndSsthresh: 7,
  sndCwnd: 10,
  advmssBytes: 1448,
  reordering: 3,
  rcvRttUs: 1000,
  rcvSpaceBytes: 14_600,
  totalRetrans: 3,
  pacingRateBytesPerSecond: 25_000_000,
  maxPacingRateBytesPerSecond: 50_000_000,
  bytesAcked: 1_258_292,
  bytesReceived: 40_960,
  segsOut: 900,
  segsIn: 500,
  notsentBytes: 0,
  minRttUs: 900,
  dataSegsIn: 40,
  dataSegsOut: 870,
  deliveryRateBytesPerSecond: 12_345_678,
  busyTimeUs: 2_000_000,
  rwndLimitedUs: 240_000,
  sndbufLimitedUs: 0,
  delivered: 871,
  deliveredCe: 0,
  bytesSent: 1_262_635,
  bytesRetrans: 4344,
  dsackDups: 0,
  reordSeen: 0,
  rcvOoopack: 0,
  sndWndBytes: 65_536,
  rcvWndBytes: 65_536,
  rehash: 0,
  totalRto: 1,
  totalRtoRecoveries: 1,
  totalRtoTimeMs: 210,
}

export const TCP: TcpDetails = {
  info: TCP_INFO,
  congestion: 'bbr',
  congestionState: { minRttUs: 900 },
  upperProtocol: 'tls',
}

/** What the kernel says of a listener: nothing, by the same fields. */
export const ZERO = Object.fromEntries(
  Object.entries(TCP_INFO).map(([key, value]) => [key, typeof value === 'number' ? 0 : value]),
) as unknown as TcpInfo
