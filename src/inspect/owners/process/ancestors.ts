import { readName } from '../descriptors.ts'
import { readStat } from './stat.ts'

/** A process above another. */
export interface Ancestor {
  readonly pid: number
  readonly name: string
}

/** No tree of processes is deeper. */
const MOST_ANCESTORS = 64

/** What keeps processes for others: above it nothing explains any more where a process comes from. */
const SUPERVISORS =
  /^(?:systemd|init|launchd|upstart|runit|runsvdir|s6-svscan|supervisord|tini|dumb-init|docker-init|containerd-shim.*|conmon|tmux.*|screen|sshd.*|login|cron|crond|atd|pm2.*|lxc-start)$/i

/**
 * Lists the processes above a process, the nearest first, up to the one that supervises them (systemd,
 * tmux, sshd, a container's shim) or the first that can be seen.
 *
 * @param procRoot where proc(5) is mounted
 */
export function readAncestors(pid: number, procRoot = '/proc'): Ancestor[] {
  const ancestors: Ancestor[] = []
  let child = pid
  while (ancestors.length < MOST_ANCESTORS) {
    const parent = parentOf(child, procRoot)
    if (parent === undefined || parent <= 0 || ancestors.some(one => one.pid === parent)) break
    const name = tryToReadName(parent, procRoot)
    if (name === undefined) break
    ancestors.push({ pid: parent, name })
    if (SUPERVISORS.test(name)) break
    child = parent
  }
  return ancestors
}

function parentOf(pid: number, procRoot: string): number | undefined {
  try {
    return readStat(`${procRoot}/${pid}`).parent
  } catch {
    return undefined
  }
}

function tryToReadName(pid: number, procRoot: string): string | undefined {
  try {
    return readName(`${procRoot}/${pid}`)
  } catch {
    return undefined
  }
}
