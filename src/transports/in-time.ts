import { TimedOut } from './happy-eyeballs.ts'
import type { DialOptions } from './types.ts'

/**
 * Waits for work that cannot be called off, a look-up or a handshake, as long as there is time for
 * it. Whoever gave up has to close what the work may still open.
 *
 * Rejects with a TimedOut, or with the reason of the signal.
 */
export async function inTime<T>(
  work: Promise<T>,
  { timeoutMs, signal }: Pick<DialOptions, 'timeoutMs' | 'signal'>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let abort = (): void => {}
  const late = new Promise<never>((_, reject) => {
    if (timeoutMs !== undefined) timer = setTimeout(() => reject(new TimedOut()), timeoutMs)
    abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
