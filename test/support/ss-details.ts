import { execFileSync } from 'node:child_process'
import type { PlainRecord } from './plain-snapshot.ts'

/** What ss(8) tells of a socket beyond its row: its words, without those that count the time. */
export type SsDetails = Readonly<Record<string, string>>

/** Runs `ss -iemo` and what is like it over TCP, UDP and MPTCP sockets, and gives all by inode. */
export function ssDetails(inside: readonly string[]): ReadonlyMap<number, SsDetails> {
  const [file = '', ...args] = [...inside, 'ss', '-tuaneimOH', '--tos', '--inet-sockopt']
  const lines = execFileSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
  const byInode = new Map<number, SsDetails>()
  for (const line of lines) {
    const inode = Number(/ ino:(\d+)/.exec(line)?.[1] ?? 0)
    if (inode !== 0) byInode.set(inode, detailsIn(line))
  }
  return byInode
}

const WORDS = [
  ...['tos', 'tclass', 'class_id', 'fwmark', 'v6only', 'wscale', 'rto', 'rtt', 'mss', 'pmtu'],
  ...['rcvmss', 'advmss', 'cwnd', 'ssthresh', 'bytes_sent', 'bytes_acked', 'bytes_received'],
  ...['segs_out', 'segs_in', 'data_segs_out', 'data_segs_in', 'rcv_rtt', 'rcv_space'],
  ...['rcv_ssthresh', 'minrtt', 'delivered', 'unacked', 'backoff', 'notsent', 'lost'],
]

function detailsIn(line: string): SsDetails {
  const details: Record<string, string> = {}
  for (const word of WORDS) {
    const value = new RegExp(` ${word}:(\\S+)`).exec(line)?.[1]
    if (value !== undefined) details[word] = value
  }
  details.memory = /skmem:\(([^)]*)\)/.exec(line)?.[1] ?? ''
  details.options = (/inet-sockopt: \(([^)]*)\)/.exec(line)?.[1] ?? '')
    .replace('is_icsk', '')
    .trim()
  details.flags = ['ts', 'sack', 'ecn', 'ecnseen', 'fastopen', 'app_limited', 'tcp-ulp-mptcp']
    .filter(flag => new RegExp(` ${flag}(?= |$)`).test(line))
    .join(' ')
  details.congestion = / (bbr|cubic|reno)(?= |$)/.exec(line)?.[1] ?? ''
  const bbr = /bbr:\(bw:\S+?bps,mrtt:([\d.]+)(?:,pacing_gain:([\d.]+))?(?:,cwnd_gain:([\d.]+))?/
  const [, ...numbers] = bbr.exec(line) ?? []
  details.bbr = numbers.map(number => Number(number ?? 0)).join(' ')
  return details
}

/** What ss would tell of a record. */
export function ssDetailsOf(record: PlainRecord): SsDetails {
  const { ip, mark, memory: m, tcp } = record
  const info = tcp?.info
  const options = new Set(info?.options)
  const { min_rtt, pacing_gain = 0, cwnd_gain = 0 } = tcp?.congestionState ?? {}
  const numbers: Record<string, string | number | undefined> = {
    tos: hex(ip?.typeOfService),
    tclass: hex(ip?.trafficClass),
    class_id: hex(ip?.classId),
    fwmark: mark === undefined || mark === 0 ? undefined : `0x${mark.toString(16)}`,
    v6only: ip?.isV6only === undefined ? undefined : Number(ip.isV6only),
    wscale: options.has('wscale') ? `${info?.sndWscale},${info?.rcvWscale}` : undefined,
    rto: ms(info?.rtoUs),
    rtt: info?.rttUs && `${ms(info.rttUs)}/${ms(info.rttVarUs)}`,
    mss: info?.sndMssBytes,
    pmtu: info?.pmtuBytes,
    rcvmss: info?.rcvMssBytes,
    advmss: info?.advmssBytes,
    cwnd: info?.sndCwnd,
    ssthresh: info?.sndSsthresh,
    bytes_sent: info?.bytesSent,
    bytes_acked: info?.bytesAcked,
    bytes_received: info?.bytesReceived,
    segs_out: info?.segsOut,
    segs_in: info?.segsIn,
    data_segs_out: info?.dataSegsOut,
    data_segs_in: info?.dataSegsIn,
    rcv_rtt: ms(info?.rcvRttUs),
    rcv_space: info?.rcvSpaceBytes,
    rcv_ssthresh: info?.rcvSsthreshBytes,
    minrtt: ms(info?.minRttUs),
    delivered: info?.delivered,
    unacked: info?.unacked,
    backoff: info?.backoff,
    notsent: info?.notsentBytes,
    lost: info?.lost,
  }
  return {
    ...Object.fromEntries(
      Object.entries(numbers)
        // ss leaves out what is 0, but for a few.
        .filter(([word, value]) => value !== undefined && (value !== 0 || word === 'v6only'))
        .map(([word, value]) => [word, String(value)]),
    ),
    memory:
      m === undefined
        ? ''
        : `r${m.receiveBytes},rb${m.receiveLimitBytes},t${m.transmitBytes},tb${m.sendLimitBytes},` +
          `f${m.forwardAllocBytes},w${m.sendQueueBytes},o${m.optionBytes},bl${m.backlogBytes},` +
          `d${record.drops}`,
    options: (ip?.options ?? []).join(' ').replaceAll('multicast', 'mc'),
    flags: [
      ...['ts', 'sack', 'ecn', 'ecnseen', 'fastopen'].filter(option => options.has(option)),
      ...(info?.isAppLimited ? ['app_limited'] : []),
      ...(tcp?.upperProtocol === 'mptcp' ? ['tcp-ulp-mptcp'] : []),
    ].join(' '),
    congestion: tcp?.congestion ?? '',
    bbr: min_rtt === undefined ? '' : bbrText(min_rtt, pacing_gain, cwnd_gain),
  }
}

function bbrText(minRttUs: number, pacingGain: number, cwndGain: number): string {
  const gains = [pacingGain, cwndGain].map(gain => Number((gain / 256).toPrecision(6)))
  return [minRttUs / 1000, ...gains].join(' ')
}

function hex(value: number | undefined): string | undefined {
  return value === undefined ? undefined : value === 0 ? '0' : `0x${value.toString(16)}`
}

/** Six digits, as `%g` writes it. */
function ms(microseconds: number | undefined): number | undefined {
  return microseconds === undefined ? undefined : Number((microseconds / 1000).toPrecision(6))
}
