import { usageError } from '../../../errors.ts'
import { unseenParts } from '../../../inspect/checks/unseen-parts.ts'
import { suspectSockets } from '../../../inspect/leaks/find.ts'
import { Piles } from '../../../inspect/leaks/piles.ts'
import type { Pile } from '../../../inspect/leaks/types.ts'
import { readProcessFacts } from '../../../inspect/owners/process/facts.ts'
import { userNames } from '../../../inspect/users.ts'
import { leaksView } from '../../../inspect/views/leaks.ts'
import { leakJson } from '../../../inspect/views/leaks-json.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Invocation } from '../types.ts'
import { readFilter } from './filter.ts'
import { type InspectFlags, readQuestion } from './question.ts'
import { oneOfMany, repeatedly, sayUnseen } from './repeated-looks.ts'
import { ToldWarnings } from './told-warnings.ts'
import { type WatchedList, watchList } from './watched-list.ts'

/** Counting who leaks rests on who holds the sockets, so that it may take longer to look. */
const OWNER_SHARE = 0.1

/**
 * Runs `sockctl inspect --leaks`: which processes do not close what their peers have closed.
 *
 * @returns 1 when one leaks; 8 when none is seen to, and not everything could be seen
 * @throws ERR_USAGE; else as a look at sockets
 */
export async function runLeaks(
  { words, flags, typed }: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  const filter = await readFilter(words, flags, context)
  const { selection } = readQuestion(filter === undefined ? words : [], flags, filter)
  if (!selection.protocols.has('tcp')) throw usageError('only TCP sockets are leaked like that')
  const look = await watchList({
    question: {
      selection: {
        ...selection,
        protocols: new Set(['tcp'] as const),
        states: new Set(['close-wait', 'fin-wait-2'] as const),
      },
    },
    needs: { owners: true, details: new Set() },
    flags,
    context,
    ownerShare: OWNER_SHARE,
  })
  const piles = new Piles({ most: flags.max })
  const paint = await loadPaint(
    !flags.json && !flags.ndjson && wantsColor(flags.color, context.stdout, context.env),
  )
  const userName = userNames()
  let hasLeak = false
  let isPartial = false
  const told = new ToldWarnings()
  const add = ({ list }: WatchedList, elapsedMs: number): readonly Pile[] => {
    const { records, snapshot, ownershipOf } = list
    if (ownershipOf === undefined) throw usageError('cannot tell who leaks: there are no processes')
    const suspects = suspectSockets(records, snapshot.records, ownershipOf)
    return piles.add(suspects, elapsedMs, pid => descriptorsOf(pid, flags.proc))
  }
  const code = await repeatedly(flags, context, {
    look,
    take: add,
    async report(all, { list, elapsedMs, isWatch }) {
      hasLeak ||= all.some(({ isLeak }) => isLeak)
      const { snapshot } = list
      const isPartialNow = unseenParts(snapshot, UNSEEN).length > 0
      isPartial ||= isPartialNow
      const intervalMs = elapsedMs === 0 ? undefined : elapsedMs
      if (flags.json || flags.ndjson) {
        await writePieces([leakJson(all, { snapshot, intervalMs, isEvent: isWatch })], context)
        return
      }
      const view = leaksView(all, {
        ...{ intervalMs, isWatch, most: flags.max, isPartial: isPartialNow, paint, userName },
      })
      await writePieces(isWatch ? oneOfMany(view, snapshot, paint) : view, context)
      sayUnseen(list, told, { typed, context })
    },
  })
  if (code !== undefined) return code
  if (hasLeak) return EXIT_CODES.no.code
  return isPartial ? EXIT_CODES.denied.code : EXIT_CODES.ok.code
}

/**
 * What can hide a leak. Hidden owners do not: the sockets of all that a user hides are counted together,
 * which are never fewer than those of one.
 */
const UNSEEN = ['netns-hidden', 'incomplete'] as const

/** What cannot be read any more, or not by this user, is not told. */
function descriptorsOf(pid: number, procRoot: string | undefined) {
  try {
    const { openDescriptors, descriptorLimit } = readProcessFacts(pid, procRoot)
    return { open: openDescriptors, limit: descriptorLimit }
  } catch {
    return undefined
  }
}
