import { lstatSync, readlinkSync } from 'node:fs'
import { tryToRead } from '../try-to-read.ts'

/** Where a link of a process leads, as the process sees it: to its program, or its working folder. */
export interface LinkedPath {
  readonly path: string
  /** It was deleted, or replaced by another of that name, since the process has it. */
  readonly isDeleted: boolean
}

/**
 * Reads which program a process runs. One that is only in memory (memfd_create(2)) was never a file
 * that could be deleted.
 *
 * @param processFolder /proc/PID
 * @throws with `code` EACCES when this user may not look, ENOENT, ESRCH when the process has ended
 */
export function readExecutable(processFolder: string): LinkedPath {
  const { path, isDeleted } = readLink(processFolder, 'exe')
  return { path, isDeleted: isDeleted && !path.startsWith('/memfd:') }
}

/** Reads in which folder a process works. Throws as `readExecutable`. */
export function readWorkingFolder(processFolder: string): LinkedPath {
  return readLink(processFolder, 'cwd')
}

/** The kernel writes this behind the path of what is no longer there: proc_pid_exe(5). */
const DELETED = / \(deleted\)$/

/** A path can end so by its name, and then leads somewhere. */
function readLink(processFolder: string, name: 'exe' | 'cwd'): LinkedPath {
  const target = readlinkSync(`${processFolder}/${name}`)
  const path = target.replace(DELETED, '')
  const isThere = path !== target && tryToRead(() => lstatSync(`${processFolder}/root${target}`))
  return isThere ? { path: target, isDeleted: false } : { path, isDeleted: path !== target }
}
