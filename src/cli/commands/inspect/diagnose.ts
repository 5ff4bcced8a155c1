import { findingResults } from '../../../inspect/checks/findings.ts'
import type { CheckResult } from '../../../inspect/checks/types.ts'
import { unseenParts } from '../../../inspect/checks/unseen-parts.ts'
import { diagnose } from '../../../inspect/rules/index.ts'
import { DEFAULT_THRESHOLDS } from '../../../inspect/rules/thresholds.ts'
import { type Finding, SEVERITIES, type Situation } from '../../../inspect/rules/types.ts'
import { ALL_PROTOCOLS } from '../../../inspect/select/everything.ts'
import { planSelection } from '../../../inspect/select/plan.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import { readSituation } from '../../../inspect/system/situation.ts'
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
  const findings = all.filter(one => isAskedFor(one, situation))
  const diagnosis = { situation, findings, elsewhere: all.length - findings.length }
  await writePieces(await view(diagnosis, flags, context), context)
  if (!flags.json && !flags.ndjson) sayWhatIsHidden(situation, typed, context)
  if (isBadEnough(findings, flags)) return EXIT_CODES.no.code
  // What was to fail on something has not seen that there is nothing.
  const isBlind = flags.failOn !== undefined && hiddenParts(situation).length > 0
  return isBlind ? EXIT_CODES.denied.code : EXIT_CODES.ok.code
}

type Concern = (finding: Finding, situation: Situation) => boolean

/** Makes the test of whether a finding is about what was named; without names all of them are. */
async function concern(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<Concern> {
  const filter = await readFilter(words, flags, context)
  const asked = readQuestion(filter === undefined ? words : [], flags, filter)
  if (!asked.namesSockets && !namesProtocols(flags)) return () => true
  const namesStates = flags.state !== undefined || filter?.namesStates === true
  const selection = {
    ...asked.selection,
    ...(!namesProtocols(flags) && { protocols: new Set(ALL_PROTOCOLS) }),
    ...(!namesStates && { states: new Set(ALL_STATES) }),
  }
  const userName = userNames()
  const plan = await planSelection(selection, { wantsOwners: true, userName })
  return ({ sockets, pids }, { snapshot, ownershipOf }) => {
    const concerned = { ...snapshot, records: sockets }
    if (plan.select(concerned, { ownershipOf, userName }).records.length > 0) return true
    return pids.some(pid => selection.pids.includes(pid)) && selection.ports.length === 0
  }
}

async function view(
  diagnosis: Diagnosis,
  flags: InspectFlags,
  { stdout, env }: Context,
): Promise<Iterable<string>> {
  const { github, junit } = flags
  if (github || junit) {
    const { situation, findings } = diagnosis
    const results = [...findingResults(findings), ...hiddenParts(situation)]
    return github ? githubView(results) : junitView(results, situation.snapshot)
  }
  if (flags.json) return findingsJsonView(diagnosis, userNames())
  if (flags.ndjson) return findingsNdjsonView(diagnosis, userNames())
  return findingsView(diagnosis, {
    paint: await loadPaint(wantsColor(flags.color, stdout, env)),
    width: stdout.isTTY ? stdout.columns : undefined,
  })
}

/** What a rule may not have seen. */
function hiddenParts({ snapshot }: Situation): CheckResult[] {
  return unseenParts(snapshot, ['owners-hidden', 'netns-hidden', 'incomplete'])
}

/** That nothing was found means less where not everything could be seen. */
function sayWhatIsHidden(
  { snapshot }: Situation,
  typed: readonly string[],
  context: Context,
): void {
  for (const { message } of snapshot.warnings) context.stderr.write(`${terminalText(message)}\n`)
  const isHidden = snapshot.warnings.some(({ code }) => code === 'owners-hidden')
  if (isHidden && !isRoot()) {
    context.stderr.write(`${terminalText(asRoot(typed, context))}\n`)
  }
}

function isBadEnough(findings: readonly Finding[], { failOn }: InspectFlags): boolean {
  if (failOn === undefined) return false
  const bad = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1)
  return findings.some(({ severity }) => bad.includes(severity))
}
