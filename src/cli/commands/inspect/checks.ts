import { SockctlError, usageError } from '../../../errors.ts'
import { checkAssertions } from '../../../inspect/checks/assertions.ts'
import type { Policy } from '../../../inspect/checks/policy/types.ts'
import type { SavedDocument } from '../../../inspect/checks/saved/types.ts'
import { type CheckResult, isFailure } from '../../../inspect/checks/types.ts'
import { unseenParts } from '../../../inspect/checks/unseen-parts.ts'
import type { SocketRecord } from '../../../inspect/types.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { terminalText } from '../../../terminal-text.ts'
import { formatCount } from '../../../units.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { readLimitedFile } from '../../read-limited.ts'
import { ensureReplaceable } from '../../replace-file.ts'
import { writePieces } from '../../write-pieces.ts'
import { LONGEST_SAVED_BYTES, SAVED_FILE, saveMoment } from './check-files.ts'
import { needsWholeView } from './check-options.ts'
import { resultsView } from './check-view.ts'
import { whatWasFound } from './found.ts'
import { namesProtocols } from './protocols.ts'
import type { InspectFlags, Question } from './question.ts'
import { isRoot } from './remarks.ts'

/** What the flags want to be checked, read before anything is looked at. */
export interface Checks {
  /** With the protocols that a policy is about. */
  readonly flags: InspectFlags
  readonly policy: Policy | undefined
  readonly before: SavedDocument | undefined
}

/** What was found, and how it is usually answered. */
export interface Answer {
  readonly question: Question
  readonly list: SocketList
  readonly candidates: readonly SocketRecord[]
  /** The command to type to see more. */
  readonly seeThem: string
  /** Throws where what is hidden could be what was asked for. */
  readonly ensureAllWasSeen: () => void
  readonly show: () => Promise<void>
}

/**
 * Reads the files that checks need, and refuses what makes no check.
 *
 * @throws ERR_USAGE, for a policy with line and column; ERR_NOT_FOUND, ERR_DENIED for a file
 */
export async function readChecks(words: readonly string[], flags: InspectFlags): Promise<Checks> {
  const { policy: policyFile, diff, save } = flags
  refuseWhatIsNoCheck(words, flags)
  if (save !== undefined) ensureReplaceable(save, SAVED_FILE)
  const [policy, before] = await Promise.all([
    policyFile === undefined ? undefined : readPolicy(policyFile),
    diff === undefined ? undefined : readBefore(diff),
  ])
  const wantsUnix = policy?.rules.some(({ protocol }) => protocol === 'unix') ?? false
  return {
    flags:
      wantsUnix && !namesProtocols(flags) ? { ...flags, tcp: true, udp: true, unix: true } : flags,
    policy,
    before,
  }
}

function refuseWhatIsNoCheck(words: readonly string[], flags: InspectFlags): void {
  const { policy, writePolicy, failIfAny, failIfNone, max, diff } = flags
  const isChecked = [policy, failIfAny, failIfNone, max, diff].some(flag => flag !== undefined)
  if ((flags.github || flags.junit) && !isChecked) {
    throw usageError(
      `--${flags.github ? 'github' : 'junit'} shows the results of checks, and there is none`,
      'Add --diagnose, --fail-if-any, --fail-if-none, --max, --policy or --diff.',
    )
  }
  if (words.includes('-') && needsWholeView(flags)) {
    throw usageError('"-" does not tell who holds a socket, which has to be known here')
  }
  if ((policy !== undefined || writePolicy) && words.length > 0) {
    throw usageError(
      `a policy is about everything that listens: "${words.join(' ')}" does not go with it`,
      '-t, -u, -x, -4 and -6 do.',
    )
  }
}

/** A line for each of some ten thousand places. */
const LONGEST_POLICY_BYTES = 2 ** 20

async function readPolicy(file: string): Promise<Policy> {
  const [{ parsePolicy }, { portOfService }] = await Promise.all([
    import('../../../inspect/checks/policy/parse.ts'),
    import('../../../endpoint/service-names.ts'),
  ])
  const text = { what: `policy ${file}`, mostBytes: LONGEST_POLICY_BYTES }
  return parsePolicy(await readLimitedFile(file, text), { name: file, portOfService })
}

async function readBefore(file: string): Promise<SavedDocument> {
  const { readSaved } = await import('../../../inspect/checks/saved/read.ts')
  const text = { what: `${SAVED_FILE} ${file}`, mostBytes: LONGEST_SAVED_BYTES }
  return readSaved(await readLimitedFile(file, text), { name: file })
}

/**
 * Answers with yes or no, and why.
 *
 * @returns the exit code
 * @throws ERR_NOT_MET for no, ERR_DENIED and ERR_UNSUPPORTED where it cannot be told
 */
export async function runChecks(
  { flags, policy, before }: Checks,
  answer: Answer,
  context: Context,
): Promise<number> {
  const { list } = answer
  if (flags.writePolicy) {
    const { writePolicy } = await import('../../../inspect/checks/policy/write.ts')
    await writePieces(writePolicy(list), context)
    sayWhatIsMissing(list, context)
    return EXIT_CODES.ok.code
  }
  const saved = await saveMoment(flags, answer, before, context)
  if (policy === undefined && before === undefined) {
    if (saved !== undefined) {
      sayWhatIsMissing(list, context)
      return EXIT_CODES.ok.code
    }
    return runAssertions(flags, answer, context)
  }
  const results = [
    ...(before === undefined || saved === undefined ? [] : await differences(before, saved)),
    ...(policy === undefined ? [] : await violations(policy, answer)),
    ...unseenParts(list.snapshot, ['incomplete', 'netns-hidden']),
  ]
  if (!flags.quiet) await writePieces(await resultsView(results, list, flags, context), context)
  return verdict(results, answer, { isQuiet: !!flags.quiet, isSaid: !flags.quiet })
}

/** What is kept is compared with later: it should be known that something was not seen. */
function sayWhatIsMissing(list: SocketList, { stderr }: Context): void {
  const isHidden = list.records.some(record => list.ownershipOf?.(record).kind === 'hidden')
  for (const { code, message } of list.snapshot.warnings) {
    // Hidden owners of other sockets are nobody's business here.
    if (code !== 'owners-hidden' || isHidden) stderr.write(`${terminalText(message)}\n`)
  }
}

async function differences(before: SavedDocument, now: SavedDocument): Promise<CheckResult[]> {
  const { compareMoments } = await import('../../../inspect/checks/saved/compare.ts')
  return compareMoments(before, now)
}

async function violations(policy: Policy, { list, question }: Answer): Promise<CheckResult[]> {
  const { checkPolicy } = await import('../../../inspect/checks/policy/check.ts')
  return checkPolicy(policy, list, question.selection)
}

async function runAssertions(
  flags: InspectFlags,
  answer: Answer,
  context: Context,
): Promise<number> {
  const { failIfAny = false, failIfNone = false, max, quiet, github, junit } = flags
  const isAsserted = failIfAny || failIfNone || max !== undefined
  const asserted = { none: failIfAny, some: failIfNone || (!!quiet && !isAsserted), max }
  const results = checkAssertions(asserted, whatWasFound(answer, max))
  if (github || junit) {
    await writePieces(await resultsView(results, answer.list, flags, context), context)
  } else if (!quiet) await answer.show()
  return verdict(results, answer, { isQuiet: !!quiet, isSaid: false })
}

/** What was said already is only counted here. */
function verdict(
  results: readonly CheckResult[],
  { seeThem }: Answer,
  { isQuiet, isSaid }: { readonly isQuiet: boolean; readonly isSaid: boolean },
): number {
  const failures = results.filter(isFailure)
  const [failure] = failures
  const total = formatCount(results.length, 'check')
  if (failure !== undefined) {
    if (isQuiet) return EXIT_CODES.no.code
    if (isSaid) throw new SockctlError('ERR_NOT_MET', `${failures.length} of ${total} failed`)
    throw new SockctlError('ERR_NOT_MET', failure.message, { hints: [...failure.details] })
  }
  const untold = results.filter(({ unseen }) => unseen !== undefined)
  const [one] = untold
  if (one === undefined) return EXIT_CODES.ok.code
  const isDenied = untold.some(({ unseen }) => unseen === 'denied')
  const message = isSaid ? `${untold.length} of ${total} cannot be answered` : one.message
  throw new SockctlError(isDenied ? 'ERR_DENIED' : 'ERR_UNSUPPORTED', message, {
    hints: [...(isSaid ? [] : one.details), ...(isDenied && !isRoot() ? [seeThem] : [])],
  })
}
