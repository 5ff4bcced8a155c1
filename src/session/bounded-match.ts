import { createContext, Script } from 'node:vm'

const LOOK = new Script('pattern.test(text)')

/**
 * Looks for a pattern for no longer than it may take. A regular expression of JavaScript tries one way
 * after the other, and `(a+)+b` has 2^n of them for n letters: whoever sends the text could hold the
 * process for good. V8 interrupts a match when the time of vm's `runInContext` is up, a quarter of a
 * millisecond dearer each time; its engine that knows no backtracking leaves out too many patterns.
 */
export class BoundedMatch {
  readonly #world: { readonly pattern: RegExp; text: string }

  constructor(pattern: RegExp) {
    this.#world = { pattern, text: '' }
    createContext(this.#world)
  }

  /**
   * Whether the pattern matches at or after an index; undefined when it could not be told in time.
   *
   * @param limitMs more than 0
   */
  test(text: string, from: number, limitMs: number): boolean | undefined {
    this.#world.pattern.lastIndex = from
    this.#world.text = text
    try {
      return LOOK.runInContext(this.#world, { timeout: Math.ceil(limitMs) }) === true
    } catch (error) {
      if (isOutOfTime(error)) return undefined
      throw error
    }
  }
}

/** `instanceof` does not help: the error may be of the other context. */
function isOutOfTime(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
