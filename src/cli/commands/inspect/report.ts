import { SockctlError } from '../../../errors.ts'
import { portOf } from '../../../inspect/ends.ts'
import { explainName } from '../../../inspect/explain/name.ts'
import { ownershipIn } from '../../../inspect/explain/ownership.ts'
import { explainPort, type ReportRequest } from '../../../inspect/explain/port.ts'
import { explainProcess } from '../../../inspect/explain/process.ts'
import { isHeld } from '../../../inspect/explain/refused-binds.ts'
import type { Report } from '../../../inspect/explain/report-types.ts'
import type { Target } from '../../../inspect/explain/target.ts'
import { explainUnixPath } from '../../../inspect/explain/unix-path.ts'
import { interfaceNames } from '../../../inspect/interfaces.ts'
import { engines } from '../../../inspect/owners/container/engine.ts'
import { placesIn } from '../../../inspect/owners/places.ts'
import type { SocketRecord } from '../../../inspect/types.ts'
import { userNames } from '../../../inspect/users.ts'
import { machineColumns } from '../../../inspect/views/column-choice.ts'
import { jsonView } from '../../../inspect/views/json.ts'
import { nameReportWords } from '../../../inspect/views/name-report.ts'
import { portReportWords } from '../../../inspect/views/port-report.ts'
import { processReportWords } from '../../../inspect/views/process-report.ts'
import { type ReportWords, reportView } from '../../../inspect/views/report.ts'
import { reportJson } from '../../../inspect/views/report-json.ts'
import type { Reader } from '../../../inspect/views/report-words.ts'
import { unixReportWords } from '../../../inspect/views/unix-report.ts'
import { terminalText } from '../../../terminal-text.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { InspectFlags } from './question.ts'
import { asRoot, rootCommand } from './remarks.ts'

/**
 * Answers about one target: on stdout, as a report for people, or with `--json` as a document.
 *
 * @returns 0 when somebody has it, 1 when nobody has, 3 when there is no such file, 8 when who has it
 *   is hidden
 * @throws as the functions that explain
 */
export async function runReport(
  target: Target,
  flags: InspectFlags,
  { typed, context }: { readonly typed: readonly string[]; readonly context: Context },
): Promise<number> {
  const { stdout, stderr, env } = context
  const report = await explain(target, flags, context).catch(error => {
    const isDenied = error instanceof SockctlError && error.code === 'ERR_DENIED'
    throw isDenied ? error.withHints(asRoot(typed, context)) : error
  })
  const reader: Reader = {
    uid: process.getuid?.(),
    userName: userNames(),
    home: env.HOME,
    now: context.now(),
    rootCommand: rootCommand(typed, context),
    place: { netns: flags.netns, proc: flags.proc },
  }
  const words = wordsOf(report, reader)
  if (flags.json) {
    await writePieces(documentOf(report, words, { flags, reader }), context)
    return exitCodeFor(report)
  }
  const paint = await loadPaint(wantsColor(flags.color, stdout, env))
  const width = stdout.isTTY ? stdout.columns : undefined
  await writePieces([reportView(words, { width, paint })], context)
  for (const { code, message } of report.snapshot.warnings) {
    if (code !== 'owners-hidden') stderr.write(`${terminalText(message)}\n`)
  }
  return exitCodeFor(report)
}

async function explain(target: Target, flags: InspectFlags, context: Context): Promise<Report> {
  const request: ReportRequest = {
    procRoot: flags.proc ?? '/proc',
    engines: engines(),
    source: flags.source,
    netns: flags.netns,
    mayBind: flags.bind,
    now: () => context.now(),
  }
  switch (target.kind) {
    case 'port':
      return explainPort(target, request)
    case 'process':
      return explainProcess(target.pid, request)
    case 'unix':
      return explainUnixPath(target.path, request)
    case 'name': {
      const report = await explainName(target.name, request)
      const [only, ...others] = report.processes
      return only !== undefined && others.length === 0 ? explainProcess(only.pid, request) : report
    }
  }
}

function wordsOf(report: Report, reader: Reader): ReportWords {
  switch (report.kind) {
    case 'port':
      return portReportWords(report, reader)
    case 'process':
      return processReportWords(report, reader)
    case 'unix':
      return unixReportWords(report, reader)
    case 'name':
      return nameReportWords(report, reader)
  }
}

function documentOf(
  report: Report,
  words: ReportWords,
  { flags, reader }: { readonly flags: InspectFlags; readonly reader: Reader },
): Iterable<string> {
  const { snapshot } = report
  const { userName } = reader
  const places = placesIn(snapshot, flags.proc)
  const list = {
    snapshot,
    records: report.kind === 'port' ? ofPort(snapshot.records, report.port) : report.records,
    ownershipOf: ownershipIn(snapshot, reader.uid, places.unitOf),
    userName,
    containerOf: places.containerOf,
    cgroupName: places.cgroupName,
    interfaceName: interfaceNames(),
  }
  const columns = machineColumns('json', { details: new Set(), peers: false })
  return jsonView(list, columns, { report: reportJson(report, words, userName) })
}

/** At either end, as in the table. */
function ofPort(records: readonly SocketRecord[], port: number): SocketRecord[] {
  return records.filter(({ local, remote }) => portOf(local) === port || portOf(remote) === port)
}

function exitCodeFor(report: Report): number {
  const { ok, no, denied } = EXIT_CODES
  switch (report.kind) {
    case 'port': {
      const { holders, unseen, candidates, snapshot } = report
      if (holders.some(({ ownership }) => ownership.kind === 'hidden')) return denied.code
      const isUnnamed = unseen.length > 0 && candidates.length === 0
      if (isUnnamed && process.getuid?.() !== 0) return denied.code
      if (isHeld(report)) return ok.code
      const isWhole = snapshot.warnings.every(({ code }) => code !== 'netns-hidden')
      return isWhole ? no.code : denied.code
    }
    case 'process':
      return report.records.length + report.unlisted > 0 ? ok.code : no.code
    case 'name':
      return report.processes.length > 0 ? ok.code : no.code
    case 'unix':
      if (report.ownership?.kind === 'hidden' || report.verdict === 'unknown') return denied.code
      if (report.verdict === 'missing') return EXIT_CODES['not found'].code
      return report.verdict === 'stale' || report.verdict === 'no-socket' ? no.code : ok.code
  }
}
