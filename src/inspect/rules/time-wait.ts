import { formatNumber } from '../../units.ts'
import { usedPorts } from './ephemeral-ports.ts'
import { growth } from './groups.ts'
import type { Rule } from './types.ts'
import { percentText, rateText } from './words.ts'

/** Ports towards one target that wait for TIME_WAIT to be over. */
export const timeWaitPileup: Rule = {
  id: 'tcp.time-wait.pileup',
  severity: 'note',
  title: 'Many client ports towards one target wait in TIME_WAIT',
  explanation:
    'The end that closes first keeps the port for 60 seconds (TIME_WAIT). That time is compiled into Linux: tcp_fin_timeout does not change it, and tcp_tw_recycle no longer exists. Each costs 256 bytes and no descriptor, and on servers they are harmless. Only for a client they limit how many connections a second it can make to one target.',
  check: situation =>
    usedPorts(situation)
      .filter(({ used, usable, timeWait }) => {
        const { thresholds } = situation
        const isExhausted = (used / usable) * 100 >= thresholds['ports-used']
        return !isExhausted && (timeWait.length / usable) * 100 >= thresholds['time-wait']
      })
      .map(({ target, timeWait, usable }) => ({
        summary: `${formatNumber(timeWait.length)} of ${formatNumber(usable)} client ports towards ${target} wait in TIME_WAIT`,
        evidence: [
          `that is ${percentText(timeWait.length, usable)}, or about ${rateText(timeWait.length / 60)} new connections a second`,
          `at most ${rateText(usable / 60)} new connections a second to one target are possible`,
        ],
        advice: [
          {
            text: 'Reuse connections: keep-alive, a pool. Or let the server close first.',
          },
        ],
        sockets: timeWait,
      })),
}

/** So many TIME_WAITs that the kernel gives up on them. */
export const timeWaitOverflow: Rule = {
  id: 'tcp.time-wait.overflow',
  severity: 'warning',
  title: 'The kernel has no room for more TIME_WAITs',
  explanation:
    'Above a limit (tcp_max_tw_buckets) the kernel leaves the waiting out: connections vanish at once. That saves memory, and a late segment of an old connection can then reach, or reset, a new one on the same ports.',
  check(situation) {
    const { system, sockets, thresholds } = situation
    const [limit] = system.setting('net/ipv4/tcp_max_tw_buckets') ?? []
    const waiting = sockets.of('tcp', 'time-wait').length
    const overflows = growth(situation, 'TcpExtTCPTimeWaitOverflow') ?? 0
    const isNear =
      limit !== undefined && limit > 0 && (waiting / limit) * 100 >= thresholds['time-wait-limit']
    if (overflows === 0 && !isNear) return []
    return [
      {
        summary:
          overflows > 0
            ? `the kernel left out ${formatNumber(overflows)} TIME_WAITs just now: their number is limited`
            : `${formatNumber(waiting)} sockets are in TIME_WAIT, and the kernel keeps ${formatNumber(limit ?? 0)} at most`,
        evidence: [
          `${formatNumber(waiting)} sockets are in TIME_WAIT`,
          ...(limit === undefined ? [] : [`net.ipv4.tcp_max_tw_buckets is ${formatNumber(limit)}`]),
        ],
        advice: [
          { text: 'Make fewer connections: keep-alive, a pool.' },
          {
            text: 'Raise the limit only if connections are reset by late segments; each costs 256 bytes.',
            command: `sudo sysctl net.ipv4.tcp_max_tw_buckets=${2 * (limit ?? 131_072)}`,
          },
        ],
      },
    ]
  },
}
