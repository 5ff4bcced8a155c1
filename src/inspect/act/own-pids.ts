import { readlinkSync } from 'node:fs'
import { SockctlError } from '../../errors.ts'

/**
 * The number by which a proc(5) counts this process: another than its own where that proc was mounted
 * in another PID namespace. Undefined: it does not list this process.
 */
export function pidIn(procRoot = '/proc'): number | undefined {
  try {
    return Number(readlinkSync(`${procRoot}/self`))
  } catch {
    return undefined
  }
}

/**
 * Makes sure that a process which is signalled is the one that was read of: signals go by the numbers
 * of this PID namespace, proc(5) by those of the one where it was mounted (pid_namespaces(7)).
 *
 * @throws ERR_UNSUPPORTED when they are two
 */
export function ensureOwnPids(procRoot = '/proc'): void {
  if (pidIn(procRoot) !== process.pid) throw otherPids(procRoot)
}

/** The error of a proc(5) that is of another PID namespace. */
export function otherPids(procRoot: string): SockctlError {
  return new SockctlError(
    'ERR_UNSUPPORTED',
    `cannot stop processes: ${procRoot} numbers them by another PID namespace than this one`,
    { hints: ['Give this one its own: mount -t proc proc /proc'] },
  )
}
