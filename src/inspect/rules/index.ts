import type { Ownership, OwnershipOf } from '../explain/ownership.ts'
import type { SocketRecord } from '../types.ts'
import { boundInactive } from './bound-inactive.ts'
import { closeWaitLeak, closeWaitUnaccepted } from './close-wait.ts'
import {
  closingPileup,
  finWait1Stuck,
  finWait2HalfClosed,
  finWait2Orphan,
  lastAckPileup,
} from './closing.ts'
import { conntrackFull } from './conntrack.ts'
import { descriptorLimit, fileMax, unlistedSockets } from './descriptors.ts'
import { ephemeralExhausted, listenerInEphemeralRange } from './ephemeral-ports.ts'
import { idleWithoutKeepalive, selfConnect } from './idle.ts'
import {
  deletedProgram,
  localhostSplit,
  ownerStopped,
  reuseportGroup,
  sharedListener,
} from './listen-holders.ts'
import { backlogClamped, overflowHistory, queueFull } from './listen-queue.ts'
import { manyOrphans, tcpPressure } from './memory.ts'
import { synRecvPileup, synSentBlocked, synSentBurst } from './opening.ts'
import { backlogDrops, droppedBefore, pawsRejects } from './refused-packets.ts'
import { unreadData, zeroWindowPeer } from './stalled.ts'
import { timeWaitOverflow, timeWaitPileup } from './time-wait.ts'
import {
  failedConnects,
  resets,
  retransmissionRate,
  syncookiesActive,
  synRetransmits,
} from './traffic.ts'
import {
  type Answers,
  type BlindRule,
  type Finding,
  type Rule,
  SEVERITIES,
  type Situation,
} from './types.ts'
import { udpDrops, udpMemory, udpNoPorts } from './udp.ts'
import { keepaliveFailing, lossy, retransmitting } from './unanswered.ts'
import { unixBacklogFull, unixStalePath } from './unix.ts'

/** Every rule by its id: causes before what follows from them. */
export const RULES = {
  'proc.fd-limit': descriptorLimit,
  'listen.owner-stopped': ownerStopped,
  'listen.queue-full': queueFull,
  'listen.overflow-history': overflowHistory,
  'listen.backlog-clamped': backlogClamped,
  'listen.shared': sharedListener,
  'listen.reuseport-group': reuseportGroup,
  'listen.localhost-split': localhostSplit,
  'listen.deleted-exe': deletedProgram,
  'tcp.close-wait.leak': closeWaitLeak,
  'tcp.close-wait.unaccepted': closeWaitUnaccepted,
  'port.ephemeral-exhausted': ephemeralExhausted,
  'tcp.time-wait.pileup': timeWaitPileup,
  'tcp.time-wait.overflow': timeWaitOverflow,
  'port.listener-in-ephemeral-range': listenerInEphemeralRange,
  'bound.inactive': boundInactive,
  'tcp.syn-sent.blocked': synSentBlocked,
  'tcp.syn-sent.burst': synSentBurst,
  'tcp.syn-recv.pileup': synRecvPileup,
  'est.recvq-local': unreadData,
  'est.zero-window-peer': zeroWindowPeer,
  'est.retransmitting': retransmitting,
  'est.keepalive-failing': keepaliveFailing,
  'est.lossy': lossy,
  'est.no-keepalive-idle': idleWithoutKeepalive,
  'est.self-connect': selfConnect,
  'tcp.fin-wait-1.stuck': finWait1Stuck,
  'tcp.fin-wait-2.half-closed': finWait2HalfClosed,
  'tcp.fin-wait-2.orphan': finWait2Orphan,
  'tcp.last-ack.pileup': lastAckPileup,
  'tcp.closing.pileup': closingPileup,
  'orphans.many': manyOrphans,
  'udp.rcvbuf-drops': udpDrops,
  'udp.no-ports': udpNoPorts,
  'udp.mem': udpMemory,
  'unix.backlog-full': unixBacklogFull,
  'unix.stale-path': unixStalePath,
  'sock.unresolved-fds': unlistedSockets,
  'sys.file-max': fileMax,
  'mem.tcp-pressure': tcpPressure,
  'sys.conntrack-full': conntrackFull,
  'sys.syncookies-active': syncookiesActive,
  'sys.resets': resets,
  'sys.attempt-fails': failedConnects,
  'sys.retrans-rate': retransmissionRate,
  'sys.syn-retrans': synRetransmits,
  'sys.backlog-drop': backlogDrops,
  'sys.filtered': droppedBefore,
  'sys.paws': pawsRejects,
} as const satisfies Readonly<Record<string, Rule>>

/** Asks every rule, and gives what they found, and what they could not find for hidden holders. */
export function diagnose(situation: Situation): Answers {
  const findings: Finding[] = []
  const blind: BlindRule[] = []
  for (const rule of Object.values<Rule>(RULES)) {
    const hidden = new Set<SocketRecord>()
    const ownershipOf: OwnershipOf = record => {
      const ownership = situation.ownershipOf(record)
      if (isHidden(ownership)) hidden.add(record)
      return ownership
    }
    for (const observation of rule.check({ ...situation, ownershipOf })) {
      const { id, severity, explanation } = rule
      findings.push({ severity, sockets: [], pids: [], ...observation, id, explanation })
      for (const socket of observation.sockets ?? []) hidden.delete(socket)
    }
    if (hidden.size > 0) blind.push({ rule, sockets: [...hidden] })
  }
  return {
    findings: SEVERITIES.flatMap(severity => findings.filter(one => one.severity === severity)),
    blind,
  }
}

/** Whether it is a process that this user may not see. */
function isHidden(ownership: Ownership): boolean {
  return ownership.kind === 'unaccepted'
    ? isHidden(ownership.listener)
    : ownership.kind === 'hidden'
}
