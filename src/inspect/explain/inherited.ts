import { readFileSync } from 'node:fs'
import type { Owner } from '../types.ts'
import type { ProcessStory } from './process-story.ts'

/**
 * Whether a process most likely got a socket from its parent, which has ended since: then it keeps
 * a port and serves nobody. The kernel does not remember who made a socket. It counts that the
 * process has lost its parent; that its descriptor outlives exec(2), which descriptors do that are
 * meant for children (O_CLOEXEC in /proc/PID/fdinfo); and that it is not the leader of its group,
 * as daemons are, or a program that does not listen.
 *
 * @param procRoot where proc(5) is mounted
 */
export function isInherited(
  { facts }: ProcessStory,
  owners: readonly Owner[],
  procRoot: string,
): boolean {
  // systemd keeps the sockets of units that it starts on demand.
  if (owners.some(({ pid }) => pid === 1)) return false
  const [parent] = facts.ancestors
  if (parent === undefined || !(parent.pid === 1 || parent.name === 'systemd')) return false
  const owner = owners.find(({ pid }) => pid === facts.pid)
  if (owner?.fd === undefined || closesOnExec(facts.pid, owner.fd, procRoot) !== false) return false
  return facts.group !== facts.pid || NEVER_LISTENS.test(facts.name)
}

const NEVER_LISTENS = /^(?:sleep|sh|bash|dash|zsh|fish|cat|tail|tee|grep|less|watch|xargs|sudo)$/

const O_CLOEXEC = 0o2000000

function closesOnExec(pid: number, fd: number, procRoot: string): boolean | undefined {
  try {
    const [, flags] =
      /^flags:\s*([0-7]+)/m.exec(readFileSync(`${procRoot}/${pid}/fdinfo/${fd}`, 'utf8')) ?? []
    return flags === undefined ? undefined : (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0
  } catch {
    return undefined
  }
}
