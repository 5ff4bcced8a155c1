import { tryToRead } from '../try-to-read.ts'
import { type ProcessState, readStat } from './stat.ts'

/** Whether a process in this state does nothing until somebody resumes it: Ctrl-Z, SIGSTOP, a debugger. */
export function isStopped(state: ProcessState | undefined): boolean {
  return state === 'stopped' || state === 'traced'
}

/** Whether there are processes, and each of them is stopped. Those that have ended are not. */
export function areStopped(pids: readonly number[], procRoot: string): boolean {
  return (
    pids.length > 0 &&
    pids.every(pid => isStopped(tryToRead(() => readStat(`${procRoot}/${pid}`).state)))
  )
}
