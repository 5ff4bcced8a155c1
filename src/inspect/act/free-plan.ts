import { realpathSync } from 'node:fs'
import { relative } from 'node:path'
import type { Engines } from '../owners/container/engine.ts'
import { loadTables } from '../owners/load-tables.ts'
import { type ProcessFacts, readCommandWords, readProcessFacts } from '../owners/process/facts.ts'
import { tellContainers } from './container-refusal.ts'
import type { DoorHolder } from './doors.ts'
import {
  type HolderIdentity,
  identifyHolder,
  type Looking,
  stateOfHolder,
} from './holder-identity.ts'
import { type Asker, type Refusal, refusalOf } from './refusal.ts'
import { findSupervisor, type Supervisor } from './supervisor.ts'

/** A process that would be stopped, as it was seen, and whether it may be. */
export interface PlannedHolder extends DoorHolder {
  readonly identity: HolderIdentity
  readonly facts: ProcessFacts
  readonly supervisor: Supervisor | undefined
  readonly refusal: Refusal | undefined
}

/** Who asks, and what they say of the process that they mean. */
export interface FreeRequest {
  readonly asker: Asker
  readonly askerPid: number
  /** Who knows the containers for which a process may hold its ports. */
  readonly engines: Engines
  /** The process has to run in this folder or below it. */
  readonly expectedFolder: string | undefined
  readonly procRoot?: string
}

/**
 * Looks at a process that holds ports, as closely as is needed to ask about it.
 *
 * @returns undefined when it has ended since, or let go of them
 */
export async function planHolder(
  holder: DoorHolder,
  request: FreeRequest,
): Promise<PlannedHolder | undefined> {
  const { procRoot = '/proc', asker, askerPid, engines } = request
  const looking = { procRoot, tables: await loadTables(procRoot) }
  const identity = identifyHolder(holder.pid, holder.inodes, looking)
  if (identity === undefined) return undefined
  const facts = readProcessFacts(holder.pid, procRoot)
  const words = readCommandWords(holder.pid, procRoot)
  const refusal =
    refusalOf({ ...holder, words, uid: facts.uid }, asker) ??
    hidden(identity, looking) ??
    otherFolder(facts, request)
  const supervisor = findSupervisor(facts, { viewerPid: askerPid, procRoot })
  const told = await tellContainers(refusal, { ...holder, words }, engines)
  return { ...holder, identity, facts, supervisor, refusal: told }
}

function hidden(identity: HolderIdentity, looking: Looking): Refusal | undefined {
  if (stateOfHolder(identity, looking) !== 'denied') return undefined
  return {
    kind: 'hidden',
    reason: 'you may not see what it holds by now',
    instead: `sudo kill ${identity.pid}`,
  }
}

function otherFolder(
  { workingFolder }: ProcessFacts,
  { expectedFolder }: FreeRequest,
): Refusal | undefined {
  if (expectedFolder === undefined) return undefined
  if (workingFolder !== undefined && isWithin(workingFolder, expectedFolder)) return undefined
  const reason =
    workingFolder === undefined
      ? 'in which folder it runs cannot be seen'
      : `it runs in ${workingFolder}, not in ${expectedFolder}`
  return { kind: 'other-folder', reason, instead: undefined }
}

/** Folders of processes are without links; the one that was typed need not be. */
function isWithin(folder: string, expected: string): boolean {
  const way = relative(realPath(expected), folder)
  return way === '' || !(way === '..' || way.startsWith('../'))
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
