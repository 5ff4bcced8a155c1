import { setTimeout as delay } from 'node:timers/promises'
import { isDoor } from '../../../../inspect/act/doors.ts'
import type { PlannedHolder } from '../../../../inspect/act/free-plan.ts'
import { findSupervisor, type Supervisor } from '../../../../inspect/act/supervisor.ts'
import { portOf } from '../../../../inspect/ends.ts'
import { readProcessFacts } from '../../../../inspect/owners/process/facts.ts'
import type { SocketRecord } from '../../../../inspect/types.ts'
import { ownerWords } from '../../../../inspect/views/report-words.ts'
import { formatDuration } from '../../../../units.ts'
import { lookAtPorts } from './look.ts'
import { type FreeResult, type NewHolder, supervisorResult } from './results.ts'
import type { FreeSession } from './session.ts'
import { portsText } from './words.ts'

/** Supervisors wait up to a second before they start a process again; some of them two. */
const WATCH_MS = 2000
const LOOK_EVERY_MS = 100

/** What takes orphans in, and starts nothing again by itself. */
const FOSTER_PARENTS = /^(?:systemd|init|tini|dumb-init|docker-init|catatonit|launchd)$/

/** Whether anybody is there who could start the process again. */
export function mayBeStartedAgain({ facts, supervisor }: PlannedHolder): boolean {
  const [parent] = facts.ancestors
  return supervisor !== undefined || !FOSTER_PARENTS.test(parent?.name ?? '')
}

/**
 * Watches freed ports for two seconds, and says who takes them again.
 *
 * @param known the inodes of what stood there before, and may stay
 */
export async function watchForRespawn(
  results: readonly FreeResult[],
  known: ReadonlySet<number>,
  session: FreeSession,
): Promise<readonly FreeResult[]> {
  const ports = results.flatMap(one => (one.outcome === 'freed' ? (one.ports ?? []) : []))
  const startedAt = performance.now()
  let fresh: readonly SocketRecord[] = []
  while (ports.length > 0 && fresh.length === 0 && performance.now() - startedAt < WATCH_MS) {
    await delay(LOOK_EVERY_MS)
    const seen = await lookAtPorts(ports, session.flags, {
      owners: false,
      context: session.context,
    })
    fresh = seen.records.filter(one => isDoor(one) && !known.has(one.inode))
  }
  if (fresh.length === 0) return results
  const afterMs = performance.now() - startedAt
  const retaken = new Set(fresh.map(({ local }) => portOf(local) ?? 0))
  return Promise.all(
    results.map(result => {
      const again = (result.ports ?? []).filter(port => retaken.has(port))
      if (result.outcome !== 'freed' || again.length === 0) return result
      return takenAgain(result, { ports: again, known, afterMs }, session)
    }),
  )
}

/**
 * Says who has taken ports again, and what to type to stop that.
 *
 * @param retaken.afterMs undefined: before anybody looked
 */
export async function takenAgain(
  result: FreeResult,
  retaken: { ports: readonly number[]; known: ReadonlySet<number>; afterMs: number | undefined },
  session: FreeSession,
): Promise<FreeResult> {
  const { ports, known, afterMs } = retaken
  const startedAgain = await newHolders(ports, known, session)
  say(session, { ports, afterMs, holders: startedAgain })
  return { ...result, outcome: 'started-again', startedAgain }
}

async function newHolders(
  ports: readonly number[],
  known: ReadonlySet<number>,
  { flags, asker, context }: FreeSession,
): Promise<readonly NewHolder[]> {
  const { records, ownershipOf } = await lookAtPorts(ports, flags, { owners: true, context })
  const owners = records
    .filter(one => isDoor(one) && !known.has(one.inode))
    .flatMap(record => {
      const ownership = ownershipOf(record)
      return ownership.kind === 'held' ? ownership.owners : []
    })
  return [...new Map(owners.map(({ pid, name }) => [pid, name]))].map(([pid, name]) => ({
    pid,
    name,
    ...supervisorResult(starterOf(pid, asker.chain)),
  }))
}

/** Who started it: a supervisor that is known, or else its parent. */
function starterOf(pid: number, chain: ReadonlySet<number>): Supervisor | undefined {
  try {
    const facts = readProcessFacts(pid)
    const known = findSupervisor(facts, { viewerPid: process.pid })
    const [parent] = facts.ancestors
    if (known !== undefined || parent === undefined) return known
    // Nobody is told to end the shell in which they type.
    if (parent.pid <= 1 || chain.has(parent.pid)) return undefined
    return { name: ownerWords(parent), stop: `kill ${parent.pid}`, waitsForChange: false }
  } catch {
    return undefined
  }
}

function say(
  { say: write }: FreeSession,
  {
    ports,
    afterMs,
    holders,
  }: {
    readonly ports: readonly number[]
    readonly afterMs: number | undefined
    readonly holders: readonly NewHolder[]
  },
): void {
  const who = holders.length === 0 ? 'by somebody' : `by ${holders.map(ownerWords).join(', ')}`
  const when = afterMs === undefined ? 'already' : `after ${formatDuration(afterMs)}`
  const verb = ports.length === 1 ? 'is' : 'are'
  write(`${portsText(ports)} ${verb} taken again ${when} ${who}`)
  const starters = new Map(holders.map(one => [one.supervisor, one.stop]))
  for (const [name, stop] of starters) {
    if (name !== undefined) write(`${name} has started it: stop that with ${stop}`)
  }
}
