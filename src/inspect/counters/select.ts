import { COUNTER_GROUPS, OTHER_GROUP } from './explanations.ts'
import type { Counter, CounterChange, CounterReading, ExplainedCounter } from './types.ts'

/** Which counters are wanted. */
export interface CounterSelection {
  /** Those that are zero and those that are not explained too. */
  readonly all: boolean
  /**
   * Parts of names or of headings, case aside; with `*` or `?` the pattern of a whole name, as in
   * nstat(8). None: every explained one.
   */
  readonly words: readonly string[]
}

/** What was found, in the order of the groups. */
export interface SelectedCounters {
  readonly counters: readonly ExplainedCounter[]
  /** How many match, but are left out because they are zero. */
  readonly zero: number
}

/** Puts the counters into their groups, and leaves out what was not asked for. */
export function selectCounters(
  { counters }: CounterReading,
  { all, words }: CounterSelection,
): SelectedCounters {
  const matching = explained(counters).filter(counter =>
    words.length === 0 ? all || counter.text !== undefined : words.some(matcherOf(counter)),
  )
  const shown = all ? matching : matching.filter(({ value }) => value !== 0n)
  return { counters: shown, zero: matching.length - shown.length }
}

/**
 * Tells which counters moved between two readings, and how fast.
 *
 * @param elapsedMs the time between them
 */
export function changesBetween(
  before: CounterReading,
  after: CounterReading,
  { elapsedMs, ...selection }: CounterSelection & { readonly elapsedMs: number },
): CounterChange[] {
  const earlier = new Map(before.counters.map(({ name, value }) => [name, value]))
  const { counters } = selectCounters(after, { ...selection, all: true })
  return counters.flatMap(counter => {
    const was = earlier.get(counter.name)
    const isWanted = selection.all || selection.words.length > 0 || counter.text !== undefined
    if (was === undefined || was === counter.value || !isWanted) return []
    const change = changeOf(counter, was)
    return [{ ...counter, change, perSecond: (Number(change) * 1000) / elapsedMs }]
  })
}

/** Counters of 32 bits start again from 0 (softnet_stat, kernels of 32 bits). */
const WRAP = 2n ** 32n

function changeOf({ kind, value }: Counter, was: bigint): bigint {
  const change = value - was
  return kind === 'total' && change < -WRAP / 2n && change > -WRAP ? change + WRAP : change
}

function explained(counters: readonly Counter[]): ExplainedCounter[] {
  const byName = new Map(counters.map(counter => [counter.name, counter]))
  const known = COUNTER_GROUPS.flatMap(({ title, counters: texts }) =>
    Object.entries(texts).flatMap(([name, text]) => {
      const counter = byName.get(name)
      byName.delete(name)
      return counter === undefined ? [] : [{ ...counter, group: title, text }]
    }),
  )
  const others = [...byName.values()]
  return [...known, ...others.map(one => ({ ...one, group: OTHER_GROUP, text: undefined }))]
}

/** Makes the function that tells whether a word means this counter. */
function matcherOf({ name, group }: ExplainedCounter): (word: string) => boolean {
  return word => {
    if (/[*?]/.test(word)) return patternOf(word).test(name)
    const part = word.toLowerCase()
    return name.toLowerCase().includes(part) || group.toLowerCase().includes(part)
  }
}

function patternOf(word: string): RegExp {
  const source = word
    .replaceAll(/[^\w*?]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'i')
}
