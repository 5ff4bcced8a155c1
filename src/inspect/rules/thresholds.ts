import { usageError } from '../../errors.ts'
import { closestWord } from '../../terminal-text.ts'
import { parseCount, parseDuration, parseSize } from '../../units.ts'

interface Threshold {
  readonly value: number
  readonly unit: 'count' | 'percent' | 'time' | 'size'
  /** How the default is written. */
  readonly written: string
  /** What happens from this value on. */
  readonly text: string
}

/** Where people differ about how much is too much. Times in milliseconds, sizes in bytes. */
export const THRESHOLDS = {
  'close-wait': count(20, 'CLOSE_WAIT sockets of one process that are a leak'),
  'close-wait-growth': count(5, 'so many more of them at the second look are a leak, too'),
  'close-wait-age': time(300_000, '5m', 'fewer are noted when their peers are silent for so long'),
  'time-wait': percent(50, 'of the ports towards one target in TIME_WAIT'),
  'time-wait-limit': percent(90, 'of the TIME_WAITs that the kernel keeps'),
  'ports-used': percent(70, 'of the ports towards one target in use: a warning'),
  'ports-full': percent(95, 'of the ports towards one target in use: a problem'),
  'fin-wait-2': count(1000, 'FIN_WAIT_2 sockets that no process holds'),
  'half-closed': count(20, 'FIN_WAIT_2 sockets that one process holds'),
  'last-ack': count(100, 'LAST_ACK sockets for a warning; fewer are noted when they repeat'),
  closing: count(50, 'CLOSING sockets'),
  'syn-sent': count(50, 'connects of one process under way at once'),
  'syn-recv': percent(50, 'of the queue of half-open connections of one listener'),
  queue: percent(70, 'of an accept queue at both looks: a warning'),
  unread: size(65_536, '64KiB', 'unread bytes that stay the same between the looks'),
  retransmits: count(2, 'retransmissions without an answer: a warning'),
  'retransmits-many': count(5, 'retransmissions without an answer: a problem'),
  loss: percent(1, 'of the bytes of a connection sent again: noted'),
  'loss-high': percent(5, 'of the bytes of a connection sent again: a warning'),
  idle: time(7_200_000, '2h', 'silence without keepalive, on connections that leave the machine'),
  orphans: count(1000, 'sockets that were closed and are not done'),
  descriptors: percent(80, 'of the descriptors of a process open: a warning'),
  'descriptors-full': percent(95, 'of the descriptors of a process open: a problem'),
  'files-full': percent(90, 'of the open files of the machine'),
  conntrack: percent(80, "of the firewall's table of connections: a warning"),
  'conntrack-full': percent(95, "of the firewall's table of connections: a problem"),
  unlisted: count(10, 'sockets of one process that are bound and connected to nothing'),
  'udp-no-ports': count(10, 'datagrams a second to ports that nobody has open'),
  resets: count(10, 'connections a second that this machine or its peers break off'),
  'failed-connects': percent(20, 'of the connects that fail, from ten failures on'),
  retransmissions: percent(1, 'of all segments sent again, from 100 segments on: noted'),
  'retransmissions-high': percent(3, 'of all segments sent again: a warning'),
  'syn-retransmits': count(3, 'SYNs sent again between the looks'),
} as const satisfies Readonly<Record<string, Threshold>>

export type ThresholdName = keyof typeof THRESHOLDS

/** The value of each. */
export type Thresholds = Readonly<Record<ThresholdName, number>>

export const DEFAULT_THRESHOLDS = Object.fromEntries(
  Object.entries(THRESHOLDS).map(([name, { value }]) => [name, value]),
) as Thresholds

/**
 * Reads `name=value`: `close-wait=50`, `loss=2%`, `idle=30m`, `unread=1MiB`.
 *
 * @throws ERR_USAGE, with the nearest name that exists
 */
export function parseThreshold(text: string): readonly [ThresholdName, number] {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(text) ?? []
  if (!isThresholdName(name)) {
    const near = closestWord(name === '' ? text : name, Object.keys(THRESHOLDS))
    throw usageError(
      `no such threshold: "${text}"`,
      near === undefined ? 'sockctl help findings lists them.' : `Did you mean ${near}=...?`,
    )
  }
  return [name, parseValue(value, THRESHOLDS[name].unit)]
}

function isThresholdName(name: string): name is ThresholdName {
  return Object.hasOwn(THRESHOLDS, name)
}

function parseValue(text: string, unit: Threshold['unit']): number {
  switch (unit) {
    case 'count':
      return parseCount(text)
    case 'time':
      return parseDuration(text)
    case 'size':
      return parseSize(text)
    case 'percent': {
      const percent = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(text)?.[1]
      if (percent !== undefined && Number(percent) <= 100) return Number(percent)
      throw usageError(`not a percentage: "${text}"`, 'Write 70 or 70%.')
    }
  }
}

function count(value: number, text: string): Threshold {
  return { value, unit: 'count', written: String(value), text }
}

function percent(value: number, text: string): Threshold {
  return { value, unit: 'percent', written: `${value}%`, text }
}

function time(value: number, written: string, text: string): Threshold {
  return { value, unit: 'time', written, text }
}

function size(value: number, written: string, text: string): Threshold {
  return { value, unit: 'size', written, text }
}
