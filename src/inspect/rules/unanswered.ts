import { formatNumber } from '../../units.ts'
import type { SocketRecord } from '../types.ts'
import { groupBy, groupByHolder } from './groups.ts'
import type { Rule } from './types.ts'
import {
  connectionLines,
  counted,
  holderText,
  hostText,
  inText,
  percentText,
  pidsOf,
  tally,
} from './words.ts'

/** Data that is sent again and again. */
export const retransmitting: Rule = {
  id: 'est.retransmitting',
  severity: 'warning',
  title: 'A peer no longer acknowledges what it is sent',
  explanation:
    'The kernel sends the same data again, waiting twice as long each time, and gives up after about 15 minutes (tcp_retries2). Until then the program notices nothing: the way is broken, the peer is gone, or large packets do not pass while small ones do.',
  check: situation => {
    const { thresholds } = situation
    const affected = situation.sockets
      .of('tcp', 'established')
      .filter(one => one.timer?.kind === 'retransmit' && tries(one) >= thresholds.retransmits)
    return [...groupBy(affected, ({ remote }) => hostText(remote))].map(([host, records]) => {
      const most = Math.max(...records.map(tries))
      const holders = groupByHolder(records, situation)
      const who = holders.map(({ ownership }) => holderText(ownership)).join(' and ')
      return {
        severity: most >= thresholds['retransmits-many'] ? 'problem' : 'warning',
        summary: `${host} no longer acknowledges what ${who} sends on ${counted(records.length, 'connection')}`,
        evidence: [
          ...connectionLines(
            records,
            one =>
              `  sent again ${counted(tries(one), 'time')}, next ${inText(one.timer?.expiresInMs ?? 0)}, ${formatNumber(one.sendQueue ?? 0)} bytes wait`,
          ),
          ...pathSizes(records),
        ],
        advice: [
          { text: 'Is the way to it broken?', command: `mtr -n ${host}` },
          { text: 'Do large packets pass?', command: `tracepath -n ${host}` },
          {
            text: 'In the program: TCP_USER_TIMEOUT or a time limit of its own, so that it notices in seconds.',
          },
        ],
        sockets: records,
        pids: holders.flatMap(({ pids }) => pids),
      }
    })
  },
}

/** Keepalive probes that nobody answers. */
export const keepaliveFailing: Rule = {
  id: 'est.keepalive-failing',
  severity: 'warning',
  title: 'A peer does not answer keepalive probes',
  explanation:
    'Nothing has been said on the connection for a while, the kernel asks whether the peer is still there, and no answer comes: the peer has gone without a word, or a firewall has forgotten the connection. After tcp_keepalive_probes unanswered ones the connection is broken off (ETIMEDOUT).',
  check: situation => {
    const silent = situation.sockets
      .of('tcp', 'established')
      .filter(({ timer }) => timer?.kind === 'keepalive' && timer.retransmits > 0)
    return [...groupBy(silent, ({ remote }) => hostText(remote))].map(([host, records]) => {
      const holders = groupByHolder(records, situation)
      const [probes] = situation.system.setting('net/ipv4/tcp_keepalive_probes') ?? []
      const limit = probes === undefined ? '' : ` (${probes} by default are the limit)`
      return {
        summary: `${host} does not answer the keepalive probes of ${holders.map(({ ownership }) => holderText(ownership)).join(' and ')}`,
        evidence: connectionLines(
          records,
          ({ timer }) =>
            `  ${counted(timer?.retransmits ?? 0, 'probe')} unanswered${limit}, next ${inText(timer?.expiresInMs ?? 0)}`,
        ),
        advice: [
          {
            text: 'The kernel ends it by itself. If this repeats, a firewall on the way forgets idle connections: probe more often than it forgets.',
          },
        ],
        sockets: records,
        pids: holders.flatMap(({ pids }) => pids),
      }
    })
  },
}

/** Connections that lose much of what they send. */
export const lossy: Rule = {
  id: 'est.lossy',
  severity: 'note',
  title: 'Connections lose much of what they send',
  explanation:
    'A part of the data has to be sent twice. Even one per cent makes a connection several times slower over a long distance. Retransmissions that the peer reports as doubled (DSACK) were needless: then packets were late, not lost.',
  check: situation => {
    const { thresholds } = situation
    const losing = situation.sockets
      .of('tcp', 'established')
      .filter(one => lossOf(one) * 100 >= thresholds.loss)
    return [...groupBy(losing, ({ remote }) => hostText(remote))].map(([host, records]) => {
      const worst = Math.max(...records.map(lossOf))
      const late = records.filter(isLateOnly).length
      return {
        severity: worst * 100 >= thresholds['loss-high'] ? 'warning' : 'note',
        summary: `up to ${percentText(worst, 1)} of the bytes sent to ${host} had to be sent again`,
        evidence: [
          ...connectionLines(records, one => {
            const { bytesRetrans = 0, bytesSent = 0 } = one.tcp?.info ?? {}
            return `  ${formatNumber(bytesRetrans)} of ${formatNumber(bytesSent)} bytes`
          }),
          ...(late > 0
            ? [`on ${formatNumber(late)} of them packets were late, not lost (DSACK)`]
            : []),
        ],
        advice: [{ text: 'See where they are lost:', command: `mtr -n ${host}` }],
        sockets: records,
        pids: [...new Set(records.flatMap(one => pidsOf(situation.ownershipOf(one))))],
      }
    })
  },
}

/** How often the data that is under way was sent again, without an answer. */
function tries({ timer, tcp }: SocketRecord): number {
  return Math.max(timer?.retransmits ?? 0, tcp?.info?.retransmits ?? 0)
}

/** The part of the bytes that was sent again; less than a megabyte tells nothing. */
function lossOf({ tcp }: SocketRecord): number {
  const { bytesRetrans, bytesSent } = tcp?.info ?? {}
  if (bytesRetrans === undefined || bytesSent === undefined || bytesSent < LEAST_BYTES) return 0
  return bytesRetrans / bytesSent
}

const LEAST_BYTES = 1_000_000

function isLateOnly({ tcp }: SocketRecord): boolean {
  const { dsackDups = 0, totalRetrans = 0 } = tcp?.info ?? {}
  return totalRetrans > 0 && dsackDups >= totalRetrans * 0.8
}

/** What is needed to see a black hole for large packets (RFC 4821). */
function pathSizes(records: readonly SocketRecord[]): string[] {
  const sizes = records.flatMap(({ tcp }) => {
    const { pmtuBytes, sndMssBytes } = tcp?.info ?? {}
    return pmtuBytes === undefined || sndMssBytes === undefined
      ? []
      : [`packets of ${pmtuBytes} bytes, ${sndMssBytes} of data`]
  })
  return sizes.length === 0 ? [] : [tally(sizes, 1)]
}
