import { usageError } from '../../../errors.ts'
import { ALL_PROTOCOLS } from '../../../inspect/select/everything.ts'
import { asksForOwners } from '../../../inspect/select/selection.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import type { Context } from '../../context.ts'
import { readLimited } from '../../read-limited.ts'
import { namesProtocols } from './protocols.ts'
import type { InspectFlags, Question } from './question.ts'

/** The word that stands for text on stdin. */
const STDIN = '-'

/** As much as 400,000 sockets. */
const LONGEST_PASTED_BYTES = 64 * 2 ** 20

/** What was pasted, if `-` was typed, and the other words. */
export interface Pasted {
  readonly pastedText: string | undefined
  readonly otherWords: readonly string[]
}

/**
 * Reads the tables of /proc/net that come on stdin, when `-` is among the words.
 *
 * @throws ERR_USAGE for flags that name another place to look into, and for a text without end
 */
export async function readPasted(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<Pasted> {
  if (!words.includes(STDIN)) return { pastedText: undefined, otherWords: words }
  refuseOtherPlaces(flags)
  const { stdin, stderr } = context
  if (stdin.isTTY) stderr.write('Paste tables of /proc/net, then press Ctrl-D.\n')
  const text = { what: 'pasted text', mostBytes: LONGEST_PASTED_BYTES }
  const pastedText = await readLimited(stdin, text)
  return { pastedText, otherWords: words.filter(word => word !== STDIN) }
}

function refuseOtherPlaces({ source, proc }: InspectFlags): void {
  if (source !== undefined || proc !== undefined) {
    throw usageError(
      `"-" and --${source === undefined ? 'proc' : 'source'} are two places to look into`,
      'Leave one of them out.',
    )
  }
}

/**
 * What is asked of a pasted text: everything that is in it, unless flags choose. Nobody knows who
 * holds the sockets.
 *
 * @throws ERR_USAGE when it is asked for all the same
 */
export function questionOfPasted({ selection, ...rest }: Question, flags: InspectFlags): Question {
  if (asksForOwners(selection)) {
    throw usageError(
      'cannot ask for processes with "-": the tables of /proc/net do not tell who holds a socket',
      'Leave pid and process out, or run sockctl on that machine.',
    )
  }
  const hasStates = flags.state !== undefined || flags.all || flags.listening
  return {
    ...rest,
    selection: {
      ...selection,
      ...(!namesProtocols(flags) && { protocols: new Set(ALL_PROTOCOLS) }),
      ...(!hasStates && { states: new Set(ALL_STATES) }),
    },
    isOverview: false,
    wantsOwners: false,
  }
}
