import { existsSync } from 'node:fs'
import { SockctlError } from '../../errors.ts'
import type { Placement } from '../owners/cgroup/placement.ts'
import type { EngineContainer, Engines } from '../owners/container/engine.ts'
import { type StandIn, standInOf } from '../owners/container/stand-in.ts'
import { placementOfProcess } from '../owners/places.ts'
import { type ProcessFacts, readProcessFacts } from '../owners/process/facts.ts'
import { findGitBranch } from '../owners/process/git-branch.ts'
import { scriptOf } from '../owners/process/program.ts'

/** A process, and where it comes from. */
export interface ProcessStory {
  readonly facts: ProcessFacts
  /** What an interpreter runs: `vite`. */
  readonly script: string | undefined
  readonly branch: string | undefined
  readonly placement: Placement | undefined
  /** The container in which it runs, or for which it holds its sockets; where an engine knows it. */
  readonly container: EngineContainer | undefined
  /** It holds sockets for containers. */
  readonly standIn: StandIn | undefined
  readonly orphan: Orphan | undefined
}

/** Why nobody seems to look after a process any more. */
export type Orphan =
  | 'terminal-gone' // the shell of its terminal has ended
  | 'parent-gone' // what started it has ended, and no service keeps it

/** Where processes are, and who knows containers. */
export interface StoryPlace {
  readonly procRoot: string
  readonly engines: Engines
}

/**
 * Gathers what is known of a process. Undefined when it has ended.
 *
 * @param port for which a container is looked for when the process stands in for one
 */
export async function tellStory(
  pid: number,
  { procRoot, engines }: StoryPlace,
  port?: number,
): Promise<ProcessStory | undefined> {
  const facts = tryToReadFacts(pid, procRoot)
  if (facts === undefined) return undefined
  const placement = placementOfProcess(pid, procRoot)
  const standIn = standInOf(facts.words)
  const folder = facts.project?.folder ?? facts.workingFolder
  const id = placement?.container?.id
  return {
    facts,
    placement,
    standIn,
    script: scriptOf(facts.words),
    branch:
      folder === undefined || facts.project === undefined
        ? undefined
        : findGitBranch(folder, `${procRoot}/${pid}/root`),
    container:
      standIn !== undefined && port !== undefined
        ? await engines.publishing(port)
        : id === undefined
          ? undefined
          : await engines.find(id),
    orphan: orphanhood(facts, placement, procRoot),
  }
}

/**
 * Tells whether nobody looks after a process: it was handed to the first process, and belongs to no
 * service. That its session has no leader any more says that its terminal is gone. One that the
 * first process of a container may have started itself is none.
 */
function orphanhood(
  { pid, ancestors: [parent], session, terminal, project, uid }: ProcessFacts,
  placement: Placement | undefined,
  procRoot: string,
): Orphan | undefined {
  if (parent === undefined || !(parent.pid === 1 || INIT.test(parent.name))) return undefined
  if (placement?.unit?.endsWith('.service') && !/^user@\d+\.service$/.test(placement.unit)) {
    return undefined
  }
  // Those of other pid namespaces are 0 here.
  const isLeaderGone = session !== pid && session > 0 && !existsSync(`${procRoot}/${session}`)
  if (isLeaderGone && terminal === undefined) return 'terminal-gone'
  const isOfSomebody = project !== undefined || (uid ?? 0) >= FIRST_USER
  return INIT.test(parent.name) && isOfSomebody && placement?.container === undefined
    ? 'parent-gone'
    : undefined
}

/** Programs that take in whatever has lost its parent, and do not start servers of a project. */
const INIT = /^(?:systemd|init|launchd|tini|dumb-init|docker-init)$/

/** Lower ones are of the system: login.defs(5), UID_MIN. */
const FIRST_USER = 1000

function tryToReadFacts(pid: number, procRoot: string): ProcessFacts | undefined {
  try {
    return readProcessFacts(pid, procRoot)
  } catch (error) {
    if (error instanceof SockctlError) return undefined
    throw error
  }
}
