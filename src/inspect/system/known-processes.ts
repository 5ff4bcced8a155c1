import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../errors.ts'
import { readName } from '../owners/descriptors.ts'
import { countDescriptors, readDescriptorLimit } from '../owners/process/descriptor-count.ts'
import { readExecutable } from '../owners/process/links.ts'
import { readStat } from '../owners/process/stat.ts'
import { tryToRead } from '../owners/try-to-read.ts'
import type { KnownProcesses, ProcessHealth } from '../rules/types.ts'

/**
 * Makes what rules ask about processes from proc(5). What was read once is remembered: an answer
 * belongs to the moment of the first question.
 *
 * @param procRoot where proc(5) is mounted
 */
export function knownProcesses(procRoot: string): KnownProcesses {
  const known = new Map<number, ProcessHealth | undefined>()
  return {
    process(pid) {
      if (!known.has(pid)) known.set(pid, readProcess(procRoot, pid))
      return known.get(pid)
    },
    hasPath: (pid, path) => hasPath(`${procRoot}/${pid}`, path),
    shareFiles: (pid, other) => {
      const [one, two] = [pid, other].map(each => filesOf(`${procRoot}/${each}`))
      return one !== undefined && one === two
    },
  }
}

function readProcess(procRoot: string, pid: number): ProcessHealth | undefined {
  const folder = `${procRoot}/${pid}`
  return tryToRead(() => ({
    pid,
    name: readName(folder),
    state: readStat(folder).state,
    descriptors: tryToRead(() => countDescriptors(folder)),
    descriptorLimit: tryToRead(() => readDescriptorLimit(folder)),
    isProgramDeleted: tryToRead(() => readExecutable(folder).isDeleted),
  }))
}

/** A path that is not absolute begins where the process is. */
function hasPath(folder: string, path: string): boolean | undefined {
  const place = path.startsWith('/') ? `${folder}/root${path}` : `${folder}/cwd/${path}`
  try {
    lstatSync(place)
    return true
  } catch (error) {
    // Where the process itself cannot be looked into, or has ended, nothing is known.
    const isGone = errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR'
    return isGone && existsSync(`${folder}/root/.`) ? false : undefined
  }
}

function filesOf(folder: string): string | undefined {
  return tryToRead(() => `${readlinkSync(`${folder}/ns/mnt`)} ${readlinkSync(`${folder}/root`)}`)
}
