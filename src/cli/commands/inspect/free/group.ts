import type { DoorGroup } from '../../../../inspect/act/doors.ts'
import { type PlannedHolder, planHolder } from '../../../../inspect/act/free-plan.ts'
import { type Stopped, stopHolders } from '../../../../inspect/act/stop-holders.ts'
import type { Ownership } from '../../../../inspect/explain/ownership.ts'
import { ownerWords } from '../../../../inspect/views/report-words.ts'
import { terminalText } from '../../../../terminal-text.ts'
import { formatDuration } from '../../../../units.ts'
import { canAsk, confirm } from '../../../confirm.ts'
import { type FreeResult, type ProcessResult, processResult } from './results.ts'
import { consentTo, type FreeSession } from './session.ts'
import { describeHolder, killQuestion, portsOf, portsText, stopQuestion } from './words.ts'

/** What became of a group of ports, and who was to be stopped for them. */
export interface GroupOutcome {
  readonly group: DoorGroup
  /** `freed` is to be proved yet. */
  readonly result: FreeResult
  readonly holders: readonly PlannedHolder[]
}

/**
 * Stops those who hold some ports together: shows who they are, asks, and sends signals. All of them
 * or none: with one left the ports are not free.
 */
export async function freeGroup(group: DoorGroup, session: FreeSession): Promise<GroupOutcome> {
  const { flags, asker, engines, say } = session
  const ports = portsOf(group)
  const request = { asker, askerPid: process.pid, engines, expectedFolder: flags.expectCwd }
  const plans = await Promise.all(group.holders.map(holder => planHolder(holder, request)))
  const holders = plans.filter(holder => holder !== undefined)
  const known = holders.map(holder => processResult(holder, session.teller.userName))
  const outcomeOf = (parts: Omit<FreeResult, 'action' | 'ports'>): GroupOutcome => ({
    group,
    result: { action: 'free', ports, ...parts, processes: parts.processes ?? known },
    holders,
  })

  for (const line of holders.flatMap(one => describeHolder(one, session.teller))) say(line)
  const refusal = refusalOfGroup(group, holders)
  if (refusal !== undefined) {
    const { outcome, reason, instead } = refusal
    say(`${portsText(ports)}: nothing was stopped: ${reason}`)
    if (instead !== undefined) say(`In its place: ${instead}`)
    return outcomeOf({ outcome, reason, ...(instead !== undefined && { instead }) })
  }
  if (holders.length > 1) {
    say(`${portsText(ports)} is free only when all ${holders.length} of them have ended`)
  }
  if (flags.dryRun) {
    say(`${session.signal} would be sent to ${holders.map(ownerWords).join(', ')}`)
    return outcomeOf({ outcome: 'would-free' })
  }
  const question = stopQuestion(holders, session.signal, session.teller)
  const consent = await consentTo(question, session)
  if (consent !== 'yes') {
    say(
      consent === 'declined'
        ? 'Nothing was stopped.'
        : `Nothing was stopped: there is no terminal to ask on, and --yes was not given`,
    )
    return outcomeOf({ outcome: consent })
  }
  return outcomeOf(await stopAll(holders, session))
}

interface GroupRefusal {
  readonly outcome: 'refused' | 'denied' | 'nothing'
  readonly reason: string
  readonly instead?: string
}

/** One that may not be stopped is reason enough to stop none. */
function refusalOfGroup(
  { unheld, doors }: DoorGroup,
  holders: readonly PlannedHolder[],
): GroupRefusal | undefined {
  for (const { refusal, name, pid } of holders) {
    if (refusal === undefined) continue
    const isDenied = refusal.kind === 'other-user' || refusal.kind === 'hidden'
    const outcome = isDenied ? 'denied' : 'refused'
    const { instead } = refusal
    const reason = `${ownerWords({ name, pid })}: ${refusal.reason}`
    return { outcome, reason, ...(instead !== undefined && { instead }) }
  }
  const [first] = unheld
  if (first !== undefined) return unheldRefusal(first)
  if (holders.length > 0) return undefined
  const reason = `who held ${doors.length === 1 ? 'it' : 'them'} has just ended`
  return { outcome: 'nothing', reason }
}

function unheldRefusal(ownership: Exclude<Ownership, { kind: 'held' }>): GroupRefusal {
  if (ownership.kind === 'hidden') {
    const { uid, unit } = ownership
    const whose = `a process of ${uid === undefined ? 'another user' : `uid ${uid}`} that you may not see`
    const instead = unit === undefined ? {} : { instead: `systemctl stop ${unit}` }
    return { outcome: 'denied', reason: `${whose} holds it`, ...instead }
  }
  const reason =
    'no process that can be seen holds it: the kernel does (NFS, WireGuard), or another container'
  return { outcome: 'refused', reason }
}

async function stopAll(
  holders: readonly PlannedHolder[],
  session: FreeSession,
): Promise<Omit<FreeResult, 'action' | 'ports'>> {
  const { signal, graceMs, say } = session
  const first = await stopHolders(holders, { signal, graceMs })
  for (const one of first) say(stoppedText(one, signal, graceMs))
  const stubborn = first.filter(({ end }) => end?.kind === 'holds').map(({ holder }) => holder)
  const isKilled = stubborn.length > 0 && (await mayKill(stubborn, session))
  const killed = isKilled
    ? await stopHolders(stubborn, { signal: 'SIGKILL', graceMs: KILL_GRACE_MS })
    : []
  for (const one of killed) say(stoppedText(one, 'SIGKILL', KILL_GRACE_MS))

  const last = new Map([...first, ...killed].map(one => [one.holder, one]))
  const processes = holders.map((holder): ProcessResult => {
    const one = last.get(holder)
    const sent = [
      ...first.filter(isSentTo(holder)).map(() => signal),
      ...killed.filter(isSentTo(holder)).map(() => 'SIGKILL'),
    ].at(-1)
    return {
      ...processResult(holder, session.teller.userName),
      ...(sent !== undefined && { signal: sent }),
      ...(one?.end?.kind === 'ended' && { endedAfterMs: Math.round(one.end.afterMs) }),
    }
  })
  const left = holders.filter(holder => isLeft(last.get(holder)))
  if (left.length === 0) return { outcome: 'freed', processes }
  const isForbidden = [...last.values()].some(({ signal: outcome }) => isRefused(outcome))
  return {
    outcome: isForbidden ? 'denied' : 'still-held',
    reason: `${left.map(ownerWords).join(', ')} still holds it`,
    processes,
  }
}

/** The kernel closes what a killed process held before anybody else can see that it is gone. */
const KILL_GRACE_MS = 2000

function isSentTo(holder: PlannedHolder): (one: Stopped) => boolean {
  return one => one.holder === holder && one.signal === 'sent'
}

/** One that nothing was sent to, as another could not be signalled, still holds what it held. */
function isLeft(one: Stopped | undefined): boolean {
  return one === undefined || one.end?.kind === 'holds' || isRefused(one.signal)
}

function isRefused(outcome: Stopped['signal']): boolean {
  return outcome === 'denied' || outcome === 'forbidden'
}

/** The last word is the user's: a process that is killed can save nothing. */
async function mayKill(
  stubborn: readonly PlannedHolder[],
  { flags, context, say, signal }: FreeSession,
): Promise<boolean> {
  if (signal === 'SIGKILL') return false
  if (flags.force) return true
  if (!flags.yes && canAsk(context)) {
    return confirm(terminalText(killQuestion(stubborn)), context)
  }
  say('It was not killed: --force does that when the time is up')
  return false
}

function stoppedText({ holder, signal, end }: Stopped, name: string, graceMs: number): string {
  const who = ownerWords(holder)
  switch (signal) {
    case 'ended':
    case 'another':
      return `${who} has ended by itself: nothing was sent`
    case 'released':
      return `${who} has let go by itself: nothing was sent`
    case 'denied':
      return `${who} cannot be looked at any more: ${name} was not sent`
    case 'forbidden':
      return `${who} may not be signalled by you: ${name} was not sent (EPERM)`
    case 'sent':
      break
  }
  if (end?.kind === 'ended')
    return `${name} sent to ${who}: ended after ${formatDuration(end.afterMs)}`
  if (end?.kind === 'released') {
    return `${name} sent to ${who}: it listens no more after ${formatDuration(end.afterMs)}, and goes on`
  }
  return `${name} sent to ${who}: it still runs after ${formatDuration(graceMs)}`
}
