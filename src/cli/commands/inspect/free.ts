import { SockctlError } from '../../../errors.ts'
import { groupDoors, portUse } from '../../../inspect/act/doors.ts'
import { ensureOwnPids } from '../../../inspect/act/own-pids.ts'
import type { Snapshot } from '../../../inspect/types.ts'
import type { Context } from '../../context.ts'
import { freeGroup, type GroupOutcome } from './free/group.ts'
import { lookAtPorts, type PortsSeen } from './free/look.ts'
import { freePath } from './free/path.ts'
import { proveFree } from './free/proof.ts'
import { mayBeStartedAgain, watchForRespawn } from './free/respawn.ts'
import { exitCodeOfResults, type FreeResult } from './free/results.ts'
import { type FreeSession, freeSession } from './free/session.ts'
import { readFreeTarget } from './free/target.ts'
import { explainUnheld } from './free/unheld.ts'
import type { InspectFlags } from './question.ts'
import { writeResults } from './results.ts'

/**
 * Runs `sockctl inspect <port...> --free`: stops who listens there, and nobody else. Everything is
 * said on stderr; on stdout stands only the document of --json.
 *
 * @returns 0 when everything was freed that was to be; 8 when it is another user's; else 1, also when
 *   nothing held it
 */
export async function runFree(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<number> {
  const { ports, paths } = readFreeTarget(words, flags)
  if (context.platform !== 'linux') {
    throw new SockctlError('ERR_UNSUPPORTED', `--free cannot tell processes apart on this system`, {
      hints: ['Who holds the port: sockctl inspect PORT'],
    })
  }
  if (ports.length > 0) ensureOwnPids()
  const session = freeSession(flags, context)
  const results: FreeResult[] = []
  for (const path of paths) results.push(await freePath(path, session))
  let seen: PortsSeen | undefined
  if (ports.length > 0) {
    seen = await lookAtPorts(ports, flags, { owners: true, context })
    for (const { message } of seen.snapshot.warnings) session.say(message)
    results.push(...(await freePorts(ports, seen, session)))
  }
  if (flags.json) await writeResults(results, seen?.snapshot ?? nothingSeen(context), context)
  return exitCodeOfResults(results, !!flags.dryRun)
}

async function freePorts(
  ports: readonly number[],
  { records, ownershipOf }: PortsSeen,
  session: FreeSession,
): Promise<readonly FreeResult[]> {
  const uses = ports.map(port => portUse(port, records))
  const doors = uses.flatMap(use => use.doors)
  const results: FreeResult[] = []
  for (const use of uses.filter(one => one.doors.length === 0)) {
    results.push(await explainUnheld(use, session))
  }
  const known = new Set(doors.map(({ inode }) => inode))
  const outcomes: GroupOutcome[] = []
  for (const group of groupDoors(doors, ownershipOf)) {
    outcomes.push(await freeGroup(group, session))
  }
  // Only now: another group can have held the same address beside it (SO_REUSEPORT).
  const proved: FreeResult[] = []
  for (const outcome of outcomes) {
    const isStopped = outcome.result.outcome === 'freed'
    proved.push(isStopped ? await proveFree(outcome, known, session) : outcome.result)
  }
  const stopped = outcomes.filter((_, i) => proved[i]?.outcome === 'freed')
  const isWorthWatching = stopped.some(({ holders }) => holders.some(mayBeStartedAgain))
  return [...results, ...(isWorthWatching ? await watchForRespawn(proved, known, session) : proved)]
}

/** Of paths no sockets were read. */
function nothingSeen({ now }: Context): Pick<Snapshot, 'takenAt' | 'warnings'> {
  return { takenAt: now(), warnings: [] }
}
