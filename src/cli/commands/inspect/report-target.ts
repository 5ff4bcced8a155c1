import { parseTarget, type Target } from '../../../inspect/explain/target.ts'
import type { Appearance } from './appearance.ts'
import type { InspectFlags, Question } from './question.ts'

/**
 * The flags beside which a target still gets a report: they say where to look, and in what form.
 * Any other makes it a list.
 */
const BESIDE_A_REPORT = new Set(['header', 'color', 'source', 'proc', 'netns', 'json', 'bind'])

/**
 * Reads the target of a report. Undefined: a list is wanted, of several ports, by a filter, or with
 * flags of lists.
 *
 * @throws ERR_USAGE for a target that is written wrong
 */
export function readTarget(words: readonly string[], flags: InspectFlags): Target | undefined {
  const [word, ...others] = words
  if (word === undefined || others.length > 0 || !flags.header) return undefined
  const given = Object.entries(flags).filter(([, value]) => value !== undefined)
  if (!given.every(([name]) => BESIDE_A_REPORT.has(name))) return undefined
  return parseTarget(word)
}

/**
 * Whether the overview is shown in its own form, with what is known of the programs. In other
 * networks, and with columns or an order of somebody's choice, it is a list.
 */
export function showsOverview(
  { isOverview }: Question,
  { format, sort, groupBy }: Appearance,
  { columns, netns, container }: InspectFlags,
): boolean {
  const isPlain = columns === undefined && sort.length === 0 && groupBy === undefined
  const isHere = netns === undefined && container === undefined
  return isOverview && isPlain && isHere && (format === 'table' || format === 'json')
}
