import { formatNumber } from '../../units.ts'
import type { SocketRecord } from '../types.ts'
import { groupByHolder, wasThere } from './groups.ts'
import type { Observation, Rule, Situation } from './types.ts'
import {
  connectionLines,
  counted,
  endText,
  holderText,
  hostText,
  inText,
  pidsOf,
  tally,
} from './words.ts'

/** We have closed, and the peer does not confirm it. */
export const finWait1Stuck: Rule = {
  id: 'tcp.fin-wait-1.stuck',
  severity: 'warning',
  title: 'A closed connection cannot be finished: the peer does not confirm',
  explanation:
    'This side has closed, and its FIN is not acknowledged. Either the peer has no room for what was sent before (its program does not read), or nothing arrives there any more. What was not sent stays in memory, even after the process has ended.',
  check(situation) {
    const stuck = situation.sockets.of('tcp', 'fin-wait-1').filter(one => isStuck(one, situation))
    if (stuck.length === 0) return []
    const full = stuck.filter(({ timer }) => timer?.kind === 'zero-window-probe')
    return [
      {
        summary: `${counted(stuck.length, 'closed connection')} ${stuck.length === 1 ? 'waits' : 'wait'} for ${tally(stuck.map(({ remote }) => endText(remote)))} to confirm (FIN_WAIT_1)`,
        evidence: [
          ...connectionLines(stuck, ({ sendQueue, timer }) => {
            const unsent = `  ${formatNumber(sendQueue ?? 0)} bytes not taken`
            return timer === undefined ? unsent : `${unsent}, next try ${inText(timer.expiresInMs)}`
          }),
          ...(full.length > 0
            ? [
                `${counted(full.length, 'peer has', 'peers have')} no room: what was sent is not read`,
              ]
            : []),
        ],
        advice: peerAdvice(stuck, situation, 'does not read what it is sent'),
        sockets: stuck,
        pids: stuck.flatMap(one => pidsOf(situation.ownershipOf(one))),
      },
    ]
  },
}

/** We have closed and forgotten, the peer has not closed. */
export const finWait2Orphan: Rule = {
  id: 'tcp.fin-wait-2.orphan',
  severity: 'note',
  title: 'Many peers do not close connections that were closed here',
  explanation:
    'This side has closed, and the peer has confirmed it without closing too: there it is a CLOSE_WAIT, and most often a leak. Here it costs little, and ends by itself after tcp_fin_timeout (60 seconds), which is all that this setting is for.',
  check(situation) {
    const orphans = situation.sockets.of('tcp', 'fin-wait-2').filter(({ inode }) => inode === 0)
    if (orphans.length < situation.thresholds['fin-wait-2']) return []
    return [
      {
        summary: `${counted(orphans.length, 'connection')} closed here ${orphans.length === 1 ? 'was' : 'were'} not closed by the peers (FIN_WAIT_2)`,
        evidence: [`peers: ${tally(orphans.map(({ remote }) => hostText(remote)))}`],
        advice: peerAdvice(orphans, situation, 'does not close'),
        sockets: orphans,
      },
    ]
  },
}

/** A process has shut down its direction, and waits for a peer that does not end. */
export const finWait2HalfClosed: Rule = {
  id: 'tcp.fin-wait-2.half-closed',
  severity: 'warning',
  title: 'A process waits without limit for its peers to close',
  explanation:
    'The process has ended its direction of the connection (shutdown, or end() in Node) and still holds the socket. As long as it does, there is no time limit: the 60 seconds of FIN_WAIT_2 count only for sockets that no process holds.',
  check: situation =>
    groupByHolder(
      situation.sockets.of('tcp', 'fin-wait-2').filter(({ inode }) => inode !== 0),
      situation,
    )
      .filter(({ records }) => records.length >= situation.thresholds['half-closed'])
      .map(({ records, ownership, pids }) => ({
        summary: `${holderText(ownership)} has ended ${counted(records.length, 'connection')} and waits for the peers to close (FIN_WAIT_2)`,
        evidence: [`peers: ${tally(records.map(({ remote }) => endText(remote)))}`],
        advice: [
          {
            text: 'Give it a time limit after the end of what it sends, and close then (in Node: socket.setTimeout() and destroy()).',
          },
          ...peerAdvice(records, situation, 'does not close'),
        ],
        sockets: records,
        pids,
      })),
}

/** Both have closed, and the peer does not confirm ours. */
export const lastAckPileup: Rule = {
  id: 'tcp.last-ack.pileup',
  severity: 'warning',
  title: 'Peers have closed and gone before the end was confirmed',
  explanation:
    'Both sides have closed, and the peer does not acknowledge the FIN of this one: it has vanished, or a firewall between them has forgotten the connection. The kernel tries again for about 100 seconds and gives up.',
  check(situation) {
    const all = situation.sockets.of('tcp', 'last-ack')
    const isMany = all.length >= situation.thresholds['last-ack']
    const stuck = all.filter(
      one => (one.timer?.retransmits ?? 0) >= situation.thresholds.retransmits,
    )
    if (!isMany && stuck.length === 0) return []
    return [
      {
        severity: isMany ? 'warning' : 'note',
        summary: `${counted(isMany ? all.length : stuck.length, 'connection')} ended by both sides ${(isMany ? all : stuck).length === 1 ? 'is' : 'are'} not confirmed by the peer (LAST_ACK)`,
        evidence: connectionLines(isMany ? all : stuck, triesText),
        advice: [
          {
            text: 'See whether a firewall or a load balancer on the way drops idle connections earlier than this machine does.',
          },
        ],
        sockets: isMany ? all : stuck,
        pids: [...new Set(all.flatMap(one => pidsOf(situation.ownershipOf(one))))],
      },
    ]
  },
}

/** Both close at the same time, in numbers. */
export const closingPileup: Rule = {
  id: 'tcp.closing.pileup',
  severity: 'warning',
  title: 'Many connections were closed by both sides at once, and are not confirmed',
  explanation:
    'CLOSING needs both sides to close at the same moment, and a FIN to get lost: a few are chance, many mean that segments are lost on the way.',
  check({ sockets, thresholds }) {
    const closing = sockets.of('tcp', 'closing')
    if (closing.length < thresholds.closing) return []
    return [
      {
        summary: `${counted(closing.length, 'connection')} ${closing.length === 1 ? 'is' : 'are'} in CLOSING`,
        evidence: [`peers: ${tally(closing.map(({ remote }) => hostText(remote)))}`],
        advice: [{ text: 'Look for loss on the way to them.', command: mtr(closing) }],
        sockets: closing,
      },
    ]
  },
}

function isStuck(record: SocketRecord, situation: Situation): boolean {
  const { timer } = record
  if (timer !== undefined && timer.retransmits > situation.thresholds.retransmits) return true
  // The peer says itself that it has no room: one look may meet it in the middle of a transfer.
  return (
    timer?.kind === 'zero-window-probe' &&
    (wasThere(situation, record) || timer.expiresInMs >= LONG_PAUSE_MS)
  )
}

/** The kernel waits so long between two probes when several have found no room. */
const LONG_PAUSE_MS = 2000

function triesText({ timer }: SocketRecord): string {
  if (timer === undefined) return ''
  return `  ${counted(timer.retransmits, 'retransmission')}, next ${inText(timer.expiresInMs)}`
}

/** Where the peer is a process of this machine, it is named. */
function peerAdvice(
  records: readonly SocketRecord[],
  situation: Situation,
  fault: string,
): Observation['advice'] {
  for (const record of records) {
    const peer = situation.sockets.peerOf(record)
    if (peer === undefined || peer === record) continue
    const ownership = situation.ownershipOf(peer)
    if (ownership.kind !== 'held') continue
    const [pid] = pidsOf(ownership)
    return [
      {
        text: `The other end is on this machine: ${holderText(ownership)} ${fault}.`,
        ...(pid !== undefined && { command: `sockctl inspect --pid ${pid}` }),
      },
    ]
  }
  const [first] = records
  return [
    { text: `Look at the program on ${hostText(first?.remote)}: it ${fault}, or it is gone.` },
  ]
}

function mtr([first]: readonly SocketRecord[]): string {
  return `mtr -n ${hostText(first?.remote)}`
}
