import { SockctlError } from '../../../errors.ts'
import type { Found } from '../../../inspect/checks/assertions.ts'
import { firstFew, socketName } from '../../../inspect/checks/socket-name.ts'
import { terminalText } from '../../../terminal-text.ts'
import { formatCount } from '../../../units.ts'
import type { Answer } from './checks.ts'
import { hiddenOwners, selectionWords } from './remarks.ts'

type Unseen = Pick<Found, 'perhapsMore' | 'unseen'>

/**
 * Counts what was found, and what may be there beside it.
 *
 * @param max how many there may be; undefined: only whether there is one matters
 * @throws ERR_NOT_FOUND where a process that was named is not there
 */
export function whatWasFound(answer: Answer, max: number | undefined): Found {
  const { list, question } = answer
  const { records } = list
  const { kind, parts } = selectionWords(question.selection)
  const words = (noun: string, behind: readonly string[]): string =>
    terminalText([noun, ...behind].join(' '))
  const manyParts = parts.map(part => part.replace(/^that matches /, 'that match '))
  return {
    count: records.length,
    ...(records.length === 0 || max !== undefined ? unseenBeside(answer) : ALL_SEEN),
    what: { one: words(kind, parts), many: words(`${kind}s`, manyParts) },
    examples: firstFew(records, record => socketName(record, list)),
  }
}

const ALL_SEEN: Unseen = { perhapsMore: 0, unseen: { why: 'denied', details: [] } }

function unseenBeside(answer: Answer): Unseen {
  const { snapshot, records } = answer.list
  try {
    answer.ensureAllWasSeen()
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    if (error.code === 'ERR_DENIED') return hiddenBeside(answer, error)
    // A process that held sockets, and is gone by now, has answered.
    if (records.length === 0) throw error
  }
  const missed = snapshot.warnings.filter(
    ({ code }) => code === 'incomplete' || (code === 'source-limited' && asksOnlyForBound(answer)),
  )
  if (missed.length === 0) return ALL_SEEN
  const details = missed.map(({ message }) => message)
  return { perhapsMore: Number.POSITIVE_INFINITY, unseen: { why: 'unsupported', details } }
}

function hiddenBeside({ list, candidates }: Answer, error: SockctlError): Unseen {
  const selected = new Set(list.records)
  const others = candidates.filter(record => !selected.has(record))
  const { count, users } = hiddenOwners(list, others)
  const isWhole = !list.snapshot.warnings.some(({ code }) => code === 'netns-hidden')
  return {
    perhapsMore: isWhole ? count : Number.POSITIVE_INFINITY,
    unseen: {
      why: 'denied',
      details:
        count > 0
          ? [`${formatCount(count, 'hidden owner')} (${users}) may be what was asked for`]
          : error.hints,
    },
  }
}

/** What is only bound not every source shows. */
function asksOnlyForBound({ question }: Answer): boolean {
  const { states } = question.selection
  return states.has('bound-inactive') && !states.has('established')
}
