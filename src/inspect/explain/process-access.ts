import { accessSync, constants } from 'node:fs'
import { errnoOf } from '../../errors.ts'

/** Whether this user may see which sockets a process holds. */
export type ProcessAccess = 'open' | 'denied' | 'missing'

/**
 * Asks whether a process is there and may be looked into. With `hidepid` (proc(5)) those of others
 * count as missing: that they are there is itself hidden.
 *
 * @param procRoot where proc(5) is mounted
 */
export function processAccess(pid: number, procRoot = '/proc'): ProcessAccess {
  try {
    accessSync(`${procRoot}/${pid}/fd`, constants.R_OK)
    return 'open'
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'missing' : 'denied'
  }
}
