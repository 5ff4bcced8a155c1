import { awaitEnd, type EndOutcome } from './await-end.ts'
import type { PlannedHolder } from './free-plan.ts'
import { type SignalOutcome, signalHolder } from './signal-holder.ts'

/** What a signal did to a process. */
export interface Stopped {
  readonly holder: PlannedHolder
  readonly signal: SignalOutcome
  /** Undefined: it was not sent. */
  readonly end: EndOutcome | undefined
}

/**
 * Sends a signal to each of these processes, the first first, if it is still the one that was meant,
 * and waits until they have ended or let go of their ports. One that was suspended (Ctrl-Z) is woken,
 * so that it can obey.
 *
 * @param graceMs how long to wait at most, for all of them together
 */
export async function stopHolders(
  holders: readonly PlannedHolder[],
  { signal, graceMs }: { readonly signal: NodeJS.Signals; readonly graceMs: number },
): Promise<readonly Stopped[]> {
  const sent: { holder: PlannedHolder; signal: SignalOutcome }[] = []
  for (const holder of holders) {
    const isSuspended = holder.facts.state === 'stopped'
    const signals = isSuspended ? ([signal, 'SIGCONT'] as const) : [signal]
    const outcome = await signalHolder(holder.identity, signals)
    sent.push({ holder, signal: outcome })
    // The ports will not be free: the others need not end for nothing.
    if (outcome === 'forbidden') break
  }
  return Promise.all(
    sent.map(async one => ({
      ...one,
      end: one.signal === 'sent' ? await awaitEnd(one.holder.identity, { graceMs }) : undefined,
    })),
  )
}
