import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../errors.ts'

/** Whether this user may see which sockets a process holds. */
export type ProcessAccess = 'open' | 'denied' | 'missing'

/**
 * Asks whether a process is there and may be looked into. With `hidepid` (proc(5)) those of others
 * are not in /proc, but that they are there kill(2) tells everybody.
 *
 * @param procRoot where proc(5) is mounted
 */
export function processAccess(pid: number, procRoot = '/proc'): ProcessAccess {
  const folder = `${procRoot}/${pid}/fd`
  try {
    // To see that there are descriptors is one permission, to see what they are is another.
    for (const fd of readdirSync(folder).slice(0, 1)) readlinkSync(`${folder}/${fd}`)
    return 'open'
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return 'denied'
    // The descriptor may have been closed just now.
    if (existsSync(folder)) return 'open'
    return procRoot === '/proc' && isRunning(pid) ? 'denied' : 'missing'
  }
}

/** Signal 0 is sent to nobody: only whether it could be is asked. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}
