import { errnoOf } from '../../errors.ts'

/**
 * Reads something of a process, which may end at any time, or may not be this user's to look into:
 * neither is a failure, and gives undefined. What the system has not refused is a bug, and thrown.
 *
 * @param onDenied is told when this user may not
 */
export function tryToRead<T>(reading: () => T, onDenied?: () => void): T | undefined {
  try {
    return reading()
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    if (errno === 'EACCES' || errno === 'EPERM') onDenied?.()
    return undefined
  }
}
