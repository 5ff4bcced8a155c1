import { SockctlError } from '../../../errors.ts'
import { findingResults } from '../../../inspect/checks/findings.ts'
import { isFailure } from '../../../inspect/checks/types.ts'
import { unseenParts } from '../../../inspect/checks/unseen-parts.ts'
import { diagnose } from '../../../inspect/rules/index.ts'
import { DEFAULT_THRESHOLDS } from '../../../inspect/rules/thresholds.ts'
import {
  type BlindRule,
  type Finding,
  SEVERITIES,
  type Situation,
} from '../../../inspect/rules/types.ts'
import { ALL_PROTOCOLS } from '../../../inspect/select/everything.ts'
import { planSelection } from '../../../inspect/select/plan.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import { readSituation } from '../../../inspect/system/situation.ts'
import type { SocketRecord } from '../../../inspect/types.ts'
import { userNames } from '../../../inspect/users.ts'
import { type Diagnosis, findingsView } from '../../../inspect/views/findings.ts'
import { findingsJsonView, findingsNdjsonView } from '../../../inspect/views/findings-json.ts'
import { githubView } from '../../../inspect/views/github.ts'
import { junitView } from '../../../inspect/views/junit.ts'
import { terminalText } from '../../../terminal-text.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Invocation } from '../types.ts'
import { DEFAULT_INTERVAL_MS } from './diagnose-options.ts'
import { readFilter } from './filter.ts'
import { namesProtocols } from './protocols.ts'
import { type InspectFlags, readQuestion } from './question.ts'
import { asRoot, isRoot } from './remarks.ts'

/**
 * Runs `sockctl inspect --diagnose`. It always looks at the whole machine, because what is wrong
 * with one socket may be seen only at another; what was named decides which findings are shown.
 */
export async function runDiagnose(
  { words, flags, typed }: Pick<Invocation<InspectFlags>, 'words' | 'flags' | 'typed'>,
  context: Context,
): Promise<number> {
  const isAskedFor = await concern(words, flags, context)
  const situation = await readSituation({
    thresholds: { ...DEFAULT_THRESHOLDS, ...Object.fromEntries(flags.threshold ?? []) },
    intervalMs: flags.interval ?? DEFAULT_INTERVAL_MS,
    now: () => context.now(),
    ...(flags.source !== undefined && { source: flags.source }),
    ...(flags.proc !== undefined && { procRoot: flags.proc }),
  })
  const all = diagnose(situation)
  const findings = all.findings.filter(one => isAskedFor.surely(one, situation))
  const blind = all.blind.filter(one => isAskedFor.perhaps(one, situation))
  const diagnosis = {
    ...{ situation, findings, blind },
    elsewhere: all.findings.length - findings.length,
  }
  await writePieces(await view(diagnosis, flags, context), context)
  const isBad = isBadEnough(findings, flags)
  const { warnings } = situation.snapshot
  const isForPrograms = flags.json || flags.ndjson
  if (!isForPrograms)
    say(
      warnings.map(({ message }) => message),
      context,
    )
  const untold = untoldBy(blind, typed, context)
  const unseen = unseenParts(situation.snapshot, PARTS).map(({ message }) => message)
  // What is to fail on something must have looked for it.
  if (flags.failOn !== undefined && !isBad && untold.length + unseen.length > 0) {
    const message = 'nothing that bad is seen, but not everything could be'
    throw new SockctlError('ERR_DENIED', message, { hints: [...untold, ...unseen].slice(0, 2) })
  }
  if (!isForPrograms) say(untold, context)
  return isBad ? EXIT_CODES.no.code : EXIT_CODES.ok.code
}

/** Tests of whether something is about what was named. */
interface Concern {
  surely(finding: Finding, situation: Situation): boolean
  /** Also sockets whose holder could be the one that was named, and is hidden. */
  perhaps(rule: BlindRule, situation: Situation): boolean
}

/** Makes the tests for what was named; without names everything passes. */
async function concern(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<Concern> {
  const filter = await readFilter(words, flags, context)
  const asked = readQuestion(filter === undefined ? words : [], flags, filter)
  if (!asked.namesSockets && !namesProtocols(flags)) {
    return { surely: () => true, perhaps: () => true }
  }
  const namesStates = flags.state !== undefined || filter?.namesStates === true
  const selection = {
    ...asked.selection,
    ...(!namesProtocols(flags) && { protocols: new Set(ALL_PROTOCOLS) }),
    ...(!namesStates && { states: new Set(ALL_STATES) }),
  }
  const userName = userNames()
  const plan = await planSelection(selection, { wantsOwners: true, userName })
  const selectFrom = (sockets: readonly SocketRecord[], { snapshot, ownershipOf }: Situation) =>
    plan.select({ ...snapshot, records: sockets }, { ownershipOf, userName })
  return {
    surely: ({ sockets, pids }, situation) =>
      selectFrom(sockets, situation).records.length > 0 ||
      (pids.some(pid => selection.pids.includes(pid)) && selection.ports.length === 0),
    perhaps: ({ sockets }, situation) => selectFrom(sockets, situation).candidates.length > 0,
  }
}

async function view(
  diagnosis: Diagnosis,
  flags: InspectFlags,
  { stdout, env }: Context,
): Promise<Iterable<string>> {
  const { github, junit } = flags
  const { snapshot } = diagnosis.situation
  if (github) {
    // An annotation for each rule that could not look would say the same over and over.
    const results = findingResults(diagnosis).filter(isFailure)
    const hidden = diagnosis.blind.length > 0 ? (['owners-hidden'] as const) : []
    return githubView([...results, ...unseenParts(snapshot, [...PARTS, ...hidden])])
  }
  if (junit) {
    const results = [...findingResults(diagnosis), ...unseenParts(snapshot, PARTS)]
    return junitView(results, snapshot, { unseen: 'skipped' })
  }
  if (flags.json) return findingsJsonView(diagnosis, userNames())
  if (flags.ndjson) return findingsNdjsonView(diagnosis, userNames())
  return findingsView(diagnosis, {
    paint: await loadPaint(wantsColor(flags.color, stdout, env)),
    width: stdout.isTTY ? stdout.columns : undefined,
  })
}

/** What no rule has seen; who has hidden what from a single one is told by itself. */
const PARTS = ['netns-hidden', 'incomplete'] as const

/** Which rules give no answer, and how to get one. */
function untoldBy(
  blind: readonly BlindRule[],
  typed: readonly string[],
  context: Context,
): readonly string[] {
  if (blind.length === 0) return []
  const ids = blind.map(({ rule }) => rule.id).join(', ')
  const line = `Not answered, because owners are hidden: ${ids}`
  return isRoot() ? [line] : [line, asRoot(typed, context)]
}

function say(lines: readonly string[], { stderr }: Context): void {
  for (const line of lines) stderr.write(`${terminalText(line)}\n`)
}

function isBadEnough(findings: readonly Finding[], { failOn }: InspectFlags): boolean {
  if (failOn === undefined) return false
  const bad = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1)
  return findings.some(({ severity }) => bad.includes(severity))
}
