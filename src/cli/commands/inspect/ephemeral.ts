import { usageError } from '../../../errors.ts'
import { PortBudget } from '../../../inspect/ephemeral/budget.ts'
import { readPortRange } from '../../../inspect/ephemeral/range.ts'
import { userNames } from '../../../inspect/users.ts'
import { ephemeralView } from '../../../inspect/views/ephemeral.ts'
import { ephemeralJson } from '../../../inspect/views/ephemeral-json.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Invocation } from '../types.ts'
import { readFilter } from './filter.ts'
import { type InspectFlags, readQuestion } from './question.ts'
import { oneOfMany, repeatedly, sayUnseen } from './repeated-looks.ts'
import { ToldWarnings } from './told-warnings.ts'
import { watchList } from './watched-list.ts'

/** Short connections are seen alive only when they are looked for quickly. */
const OWNER_SHARE = 0.1

/**
 * Runs `sockctl inspect --ephemeral`: how much of the ports for outgoing connections is used, to whom
 * and by whom.
 *
 * @returns 1 when more is used than `--max` says
 * @throws ERR_USAGE for another network namespace, whose settings cannot be read from here
 */
export async function runEphemeral(
  { words, flags, typed }: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  refuseOtherPlaces(flags)
  const range = readPortRange(context.platform)
  const filter = await readFilter(words, flags, context)
  const { selection } = readQuestion(filter === undefined ? words : [], flags, filter)
  const look = await watchList({
    question: {
      selection: {
        ...selection,
        protocols: new Set(['tcp'] as const),
        states: new Set(CALLING),
      },
    },
    needs: { owners: true, details: new Set() },
    flags,
    context,
    ownerShare: OWNER_SHARE,
  })
  const userName = userNames()
  const budget = new PortBudget(range)
  const paint = await loadPaint(
    !flags.json && !flags.ndjson && wantsColor(flags.color, context.stdout, context.env),
  )
  let isTooFull = false
  const told = new ToldWarnings()
  const code = await repeatedly(flags, context, {
    look,
    take: ({ beat }, elapsedMs) => budget.add(beat, elapsedMs),
    async report(destinations, { list, isWatch }) {
      const { snapshot } = list
      const fullest = destinations[0]?.percent ?? 0
      isTooFull ||= flags.max !== undefined && fullest > flags.max
      const isEvent = isWatch
      if (flags.json || flags.ndjson) {
        await writePieces([ephemeralJson(destinations, { range, snapshot, isEvent })], context)
        return
      }
      const view = ephemeralView(destinations, range, { paint, userName })
      await writePieces(isWatch ? oneOfMany(view, snapshot, paint) : view, context)
      sayUnseen(list, told, { typed, context })
    },
  })
  if (code !== undefined) return code
  return isTooFull ? EXIT_CODES.no.code : EXIT_CODES.ok.code
}

/** The states in which a connection keeps its port. */
const CALLING = [
  ...(['established', 'syn-sent', 'fin-wait-1', 'fin-wait-2', 'time-wait'] as const),
  ...(['close-wait', 'last-ack', 'closing'] as const),
]

/** @throws ERR_USAGE */
function refuseOtherPlaces({ netns, container, proc }: InspectFlags): void {
  if (netns === undefined && container === undefined && proc === undefined) return
  throw usageError(
    '--ephemeral looks at this network namespace only: each has settings of its own',
    'In another one: sudo nsenter -t <pid> -n sockctl inspect --ephemeral',
  )
}
