import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { errnoOf, SockctlError } from '../../../errors.ts'
import { readIds } from '../descriptors.ts'
import { type Ancestor, readAncestors } from './ancestors.ts'
import { commandText, parseCommandLine } from './command-line.ts'
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
  readonly executable: Executable | undefined
  readonly workingFolder: string | undefined
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

export interface Executable {
  readonly path: string
  /** It was deleted or replaced since: what runs is an older one. */
  readonly isDeleted: boolean
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
  const stat = orUndefined(() => readStat(folder))
  if (stat === undefined) {
    throw new SockctlError('ERR_NOT_FOUND', `there is no process ${pid}`)
  }
  const denied = new Set<DeniableFact>()
  const read = <T>(fact: DeniableFact, reading: () => T): T | undefined =>
    orUndefined(reading, () => denied.add(fact))
  const words = read('command', () => parseCommandLine(readText(`${folder}/cmdline`))) ?? []
  const workingFolder = read('workingFolder', () => withoutDeleted(`${folder}/cwd`).path)
  return {
    pid,
    name: stat.name,
    command: words.length === 0 ? undefined : commandText(words),
    words,
    executable: read('executable', () => withoutDeleted(`${folder}/exe`)),
    workingFolder,
    project: workingFolder === undefined ? undefined : findProject(workingFolder, `${folder}/root`),
    uid: orUndefined(() => statSync(folder).uid),
    startedAt: orUndefined(() => startTime(stat.startTicks, procRoot)),
    startTicks: stat.startTicks,
    ancestors: readAncestors(pid, procRoot),
    terminal: terminalName(stat.terminal),
    group: stat.group,
    session: stat.session,
    state: stat.state,
    threads: stat.threads,
    openDescriptors: read('openDescriptors', () => readIds(`${folder}/fd`).length),
    descriptorLimit: read('descriptorLimit', () => descriptorLimit(readText(`${folder}/limits`))),
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
  return orUndefined(() => parseCommandLine(readText(`${procRoot}/${pid}/cmdline`))) ?? []
}

/** The working folder of a process, for lists; undefined where it may not be read. */
export function readWorkingFolder(pid: number, procRoot = '/proc'): string | undefined {
  return orUndefined(() => withoutDeleted(`${procRoot}/${pid}/cwd`).path)
}

/** Whose process it is, for lists. */
export function readProcessUser(pid: number, procRoot = '/proc'): number | undefined {
  return orUndefined(() => statSync(`${procRoot}/${pid}`).uid)
}

function orUndefined<T>(reading: () => T, onDenied?: () => void): T | undefined {
  try {
    return reading()
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    if (errno === 'EACCES' || errno === 'EPERM') onDenied?.()
    return undefined
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

/** The kernel writes ` (deleted)` behind the path of a file that is no longer there. */
function withoutDeleted(link: string): Executable {
  const target = readlinkSync(link)
  const path = target.replace(/ \(deleted\)$/, '')
  return { path, isDeleted: path !== target }
}

/** USER_HZ: the unit of times in /proc is 1/100 s on every architecture that Node runs on. */
const MS_PER_TICK = 10

function startTime(startTicks: number, procRoot: string): Date | undefined {
  const [, seconds] = /^btime (\d+)$/m.exec(readText(`${procRoot}/stat`)) ?? []
  return seconds === undefined
    ? undefined
    : new Date(Number(seconds) * 1000 + startTicks * MS_PER_TICK)
}

function descriptorLimit(text: string): number | undefined {
  const [, soft] = /^Max open files +(\d+)/m.exec(text) ?? []
  return soft === undefined ? undefined : Number(soft)
}
