import { setTimeout as delay } from 'node:timers/promises'

/**
 * Fails with the name of what did not happen, instead of hanging until vitest gives up.
 *
 * @param what a function is asked at the deadline, for what came until then
 */
export async function within<T>(
  ms: number,
  what: string | (() => string),
  work: Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const late = delay(ms, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`${typeof what === 'string' ? what : what()}: not within ${ms} ms`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    abort.abort()
    late.catch(() => {})
  }
}
