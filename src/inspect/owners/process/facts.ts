import { readFileSync, statSync } from 'node:fs'
import { SockctlError } from '../../../errors.ts'
import { readName } from '../descriptors.ts'
import { tryToRead } from '../try-to-read.ts'
import { type Ancestor, readAncestors } from './ancestors.ts'
import { commandText, parseCommandLine } from './command-line.ts'
import { countDescriptors, readDescriptorLimit } from './descriptor-count.ts'
import { type LinkedPath, readExecutable, readWorkingFolder } from './links.ts'
import { findProject, type Project } from './project.ts'
import { type ProcessState, readStat } from './stat.ts'
import { terminalName } from './terminal.ts'

/**
 * What is known of a process beyond its name. What could not be read is undefined; `denied` says of
 * which that this user may not.
 */
export interface ProcessFacts {
  readonly pid: number
  /** At most 15 bytes, chosen by the process. */
  readonly name: string
  /** For people, with secrets masked; undefined for threads of the kernel and zombies. */
  readonly command: string | undefined
  /** The same as it is, secrets too: to be looked into, never to be shown. */
  readonly words: readonly string[]
  readonly executable: LinkedPath | undefined
  readonly workingFolder: string | undefined
  /** The folder was deleted, or replaced by another of that name: it runs what is no longer there. */
  readonly isFolderDeleted: boolean
  readonly project: Project | undefined
  /** The effective user. */
  readonly uid: number | undefined
  readonly startedAt: Date | undefined
  /** With the pid it names the process: a later one of the same pid has another. */
  readonly startTicks: number
  /** The nearest first, up to the one that supervises. */
  readonly ancestors: readonly Ancestor[]
  /** `pts/3`, `tty1`; undefined: it has none. */
  readonly terminal: string | undefined
  /** The processes that lead its group and its session; they may have ended. */
  readonly group: number
  readonly session: number
  readonly state: ProcessState | undefined
  readonly threads: number
  readonly openDescriptors: number | undefined
  /** How many it may have (RLIMIT_NOFILE, soft); undefined too where there is no limit. */
  readonly descriptorLimit: number | undefined
  /** What this user may not see. */
  readonly denied: ReadonlySet<DeniableFact>
}

export type DeniableFact =
  | 'command'
  | 'executable'
  | 'workingFolder'
  | 'openDescriptors'
  | 'descriptorLimit'

/**
 * Reads what is known of a process.
 *
 * @param procRoot where proc(5) is mounted
 * @throws ERR_NOT_FOUND when there is no such process, or it has just ended
 */
export function readProcessFacts(pid: number, procRoot = '/proc'): ProcessFacts {
  const folder = `${procRoot}/${pid}`
  const stat = tryToRead(() => readStat(folder))
  if (stat === undefined) {
    throw new SockctlError('ERR_NOT_FOUND', `there is no process ${pid}`)
  }
  const denied = new Set<DeniableFact>()
  const read = <T>(fact: DeniableFact, reading: () => T): T | undefined =>
    tryToRead(reading, () => denied.add(fact))
  const words = read('command', () => parseCommandLine(readText(`${folder}/cmdline`))) ?? []
  const workingFolder = read('workingFolder', () => readWorkingFolder(folder))
  return {
    pid,
    name: tryToRead(() => readName(folder)) ?? stat.name,
    command: words.length === 0 ? undefined : commandText(words),
    words,
    executable: read('executable', () => readExecutable(folder)),
    workingFolder: workingFolder?.path,
    isFolderDeleted: workingFolder?.isDeleted ?? false,
    project: workingFolder && findProject(workingFolder.path, `${folder}/root`),
    uid: tryToRead(() => statSync(folder).uid),
    startedAt: tryToRead(() => startTime(stat.startTicks, procRoot)),
    startTicks: stat.startTicks,
    ancestors: readAncestors(pid, procRoot),
    terminal: terminalName(stat.terminal),
    group: stat.group,
    session: stat.session,
    state: stat.state,
    threads: stat.threads,
    openDescriptors: read('openDescriptors', () => countDescriptors(folder)),
    descriptorLimit: read('descriptorLimit', () => readDescriptorLimit(folder)),
    denied,
  }
}

/** The command line of a process as in `ProcessFacts`, for lists. */
export function readCommand(pid: number, procRoot = '/proc'): string | undefined {
  const words = readCommandWords(pid, procRoot)
  return words.length === 0 ? undefined : commandText(words)
}

/** The words of its command line, secrets too: to be looked into, never to be shown. */
export function readCommandWords(pid: number, procRoot = '/proc'): readonly string[] {
  return tryToRead(() => parseCommandLine(readText(`${procRoot}/${pid}/cmdline`))) ?? []
}

/** Whose process it is, for lists. */
export function readProcessUser(pid: number, procRoot = '/proc'): number | undefined {
  return tryToRead(() => statSync(`${procRoot}/${pid}`).uid)
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

/** USER_HZ: the unit of times in /proc is 1/100 s on every architecture that Node runs on. */
const MS_PER_TICK = 10

function startTime(startTicks: number, procRoot: string): Date | undefined {
  const [, seconds] = /^btime (\d+)$/m.exec(readText(`${procRoot}/stat`)) ?? []
  return seconds === undefined
    ? undefined
    : new Date(Number(seconds) * 1000 + startTicks * MS_PER_TICK)
}
