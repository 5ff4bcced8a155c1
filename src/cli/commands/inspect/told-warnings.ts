import type { Warning } from '../../../inspect/types.ts'

/** Keeps in mind what was told: what cannot be seen is told when it comes up, and not at each look. */
export class ToldWarnings {
  readonly #messages = new Set<string>()

  /** Those of a look that have not been told yet; they are from now on. */
  take<Told extends Pick<Warning, 'message'>>(warnings: readonly Told[]): readonly Told[] {
    const fresh = warnings.filter(({ message }) => !this.#messages.has(message))
    for (const { message } of fresh) this.#messages.add(message)
    return fresh
  }
}
