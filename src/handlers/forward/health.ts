import { formatEndpoint } from '../../endpoint/format.ts'
import { SockctlError } from '../../errors.ts'
import type { HandlerSession } from '../types.ts'
import type { Target } from './targets.ts'

/** How long a target may take to answer, however seldom it is asked. */
const LONGEST_CHECK_MS = 5000

/** Leaves targets out that do not answer, and takes them in again: both are said, once each. */
export class Health {
  readonly #everyMs: number
  #tell: (text: string) => void = () => {}

  /** @param everyMs how often each is asked, by a connection that is closed at once */
  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  /** Begins to ask. Returns what ends it. */
  watch(targets: readonly Target[], session: HandlerSession): () => void {
    this.#tell = text => session.notice(text)
    const stop = new AbortController()
    const asks = targets.map(target => {
      let isBusy = false
      const ask = async (): Promise<void> => {
        if (isBusy) return
        isBusy = true
        await this.#ask(target, session, stop.signal)
        isBusy = false
      }
      void ask()
      return setInterval(ask, this.#everyMs).unref()
    })
    return () => {
      stop.abort()
      for (const timer of asks) clearInterval(timer)
    }
  }

  /** It could not be connected to. */
  failed(target: Target, error: SockctlError): void {
    if (target.isOut) return
    target.isOut = true
    this.#tell(`${error.message}: left out until it answers`)
  }

  #answered(target: Target): void {
    if (!target.isOut) return
    target.isOut = false
    this.#tell(`${formatEndpoint(target.endpoint)} answers again`)
  }

  async #ask(target: Target, session: HandlerSession, signal: AbortSignal): Promise<void> {
    const timeoutMs = Math.min(this.#everyMs, LONGEST_CHECK_MS)
    try {
      const { duplex } = await session.dial(target.endpoint, { timeoutMs, signal })
      duplex.on('error', () => {}).destroy()
      if (!signal.aborted) this.#answered(target)
    } catch (error) {
      if (!signal.aborted && error instanceof SockctlError) this.failed(target, error)
    }
  }
}
