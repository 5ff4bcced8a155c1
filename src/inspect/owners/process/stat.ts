import { readFileSync } from 'node:fs'

/** What /proc/PID/stat tells of a process. */
export interface ProcessStat {
  /** At most 15 bytes, chosen by the process: it may hold brackets, blanks and line breaks. */
  readonly name: string
  readonly state: ProcessState | undefined
  readonly parent: number
  /** The process that leads its group: a job of a shell, a pipeline. */
  readonly group: number
  /** The process that leads its session, most often the shell of a terminal. */
  readonly session: number
  /** The number of its terminal; 0: it has none. */
  readonly terminal: number
  readonly threads: number
  /** In ticks of 1/100 s since the system started. With the pid it names a process for good. */
  readonly startTicks: number
}

export type ProcessState =
  | 'running'
  | 'sleeping'
  | 'waiting for a device' // D: it cannot be killed meanwhile
  | 'stopped' // T: Ctrl-Z, SIGSTOP
  | 'traced' // t: a debugger has stopped it
  | 'zombie' // Z: it has ended, and its parent has not asked how
  | 'idle' // I: a thread of the kernel

const STATES: Readonly<Record<string, ProcessState>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for a device',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  I: 'idle',
}

/** @throws with `code` ENOENT, ESRCH when the process has ended */
export function readStat(processFolder: string): ProcessStat {
  return parseStat(readFileSync(`${processFolder}/stat`, 'utf8'))
}

/** Reads the text of /proc/PID/stat. Source: proc_pid_stat(5). */
export function parseStat(text: string): ProcessStat {
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ')
  const number = (field: number): number => Number(fields[field - 3])
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    state: STATES[fields[0] ?? ''],
    parent: number(4),
    group: number(5),
    session: number(6),
    terminal: number(7),
    threads: number(20),
    startTicks: number(22),
  }
}
