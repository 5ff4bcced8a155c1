import type { Context } from './context.ts'
import { exitCodeOfSignal, STOP_SIGNALS, type StopSignal } from './exit-code.ts'
import { whenNpxDies } from './npx-parent.ts'

/** Something that can be asked to stop, and told to. */
export interface Stoppable {
  /** Settles when it is over, by itself or because it was stopped. */
  readonly over: Promise<unknown>
  /** Asks it to come to an end. */
  stop(): unknown
  /** Ends it now. */
  abandon(): void
}

/**
 * Waits until something is over. The first signal asks it to stop, the second ends it at once; a
 * stdout that nobody reads any more and an npx that died count as the first. Returns the exit code
 * of the signal that came, or undefined when none did.
 *
 * @param hangUp what SIGHUP means. Default: the same as the others
 */
export async function untilOver(
  one: Stoppable,
  context: Context,
  hangUp?: () => void,
): Promise<number | undefined> {
  let received: StopSignal | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && hangUp !== undefined) {
      hangUp()
      return
    }
    if (received === undefined) one.stop()
    else one.abandon()
    received ??= STOP_SIGNALS.find(stop => stop === signal)
  }
  const stop = (): unknown => one.stop()
  const unwatch = whenNpxDies(context.env, stop)
  for (const signal of STOP_SIGNALS) context.signals.on(signal, onSignal)
  context.outputClosed.addEventListener('abort', stop)
  try {
    await one.over
  } finally {
    unwatch()
    for (const signal of STOP_SIGNALS) context.signals.off(signal, onSignal)
    context.outputClosed.removeEventListener('abort', stop)
  }
  return received === undefined ? undefined : exitCodeOfSignal(received)
}
