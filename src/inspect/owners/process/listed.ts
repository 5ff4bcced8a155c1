import { tryToRead } from '../try-to-read.ts'
import { readCommand } from './facts.ts'
import { readWorkingFolder } from './links.ts'

/** What a list tells of the processes that hold its sockets, beyond their names. */
export interface ListedProcesses {
  /** For people, with secrets masked; undefined where there is none, or it may not be read. */
  commandOf(pid: number): string | undefined
  workingFolderOf(pid: number): string | undefined
}

/**
 * Makes the functions that tell it. Each process is read when it is asked for, and once.
 *
 * @param procRoot where proc(5) is mounted
 */
export function listedProcesses(procRoot = '/proc'): ListedProcesses {
  return {
    commandOf: once(pid => readCommand(pid, procRoot)),
    workingFolderOf: once(pid => tryToRead(() => readWorkingFolder(`${procRoot}/${pid}`).path)),
  }
}

function once<T>(read: (pid: number) => T): (pid: number) => T {
  const known = new Map<number, T>()
  return pid => {
    const value = known.has(pid) ? (known.get(pid) as T) : read(pid)
    known.set(pid, value)
    return value
  }
}
