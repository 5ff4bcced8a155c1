import { describeListeners, looksForgotten } from '../../../inspect/explain/overview.ts'
import { engines } from '../../../inspect/owners/container/engine.ts'
import { jsonView } from '../../../inspect/views/json.ts'
import { overviewHeadline, overviewView } from '../../../inspect/views/overview.ts'
import { overviewJson } from '../../../inspect/views/overview-json.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { terminalText } from '../../../terminal-text.ts'
import { formatCount } from '../../../units.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Appearance } from './appearance.ts'
import type { InspectFlags } from './question.ts'
import { unseenRemarks } from './remarks.ts'

/** Shows who listens on this machine, and what looks forgotten. */
export async function runOverview(
  list: SocketList,
  { columns }: Appearance,
  {
    flags,
    seeThem,
    context,
  }: {
    readonly flags: InspectFlags
    readonly seeThem: string
    readonly context: Context
  },
): Promise<number> {
  const { stdout, stderr, env } = context
  const { snapshot, userName, ownershipOf = () => ({ kind: 'unseen' }) as const } = list
  const now = context.now()
  const rows = await describeListeners(list.records, {
    records: snapshot.records,
    procRoot: flags.proc ?? '/proc',
    engines: engines(),
    ownershipOf,
    now,
  })
  if (flags.json) {
    const records = list.records.slice(0, flags.top)
    const overview = rows.slice(0, flags.top).map(overviewJson)
    await writePieces(jsonView({ ...list, records }, columns, { overview }), context)
    return EXIT_CODES.ok.code
  }
  const isTerminal = stdout.isTTY && stderr.isTTY
  if (isTerminal) stderr.write(`${overviewHeadline(rows, snapshot.records)}\n\n`)
  const shown = rows.slice(0, flags.top)
  const paint = await loadPaint(wantsColor(flags.color, stdout, env))
  const width = stdout.isTTY ? stdout.columns : undefined
  const reader = { uid: process.getuid?.(), userName, home: env.HOME, now }
  const page = { header: flags.header, paint, width }
  if (shown.length > 0) await writePieces(overviewView(shown, reader, page), context)

  const unseen = unseenRemarks(list, list.records, seeThem)
  const lines = [
    ...(shown.length < rows.length
      ? [`${formatCount(rows.length - shown.length, 'more listener')} left out by --top`]
      : []),
    ...unseen.hidden,
    ...unseen.others,
  ]
  const [first] = rows
  const forgotten = rows.find(one => looksForgotten(one) && one.protocol === 'tcp')
  const steps = [
    ...unseen.steps,
    ...(isTerminal && forgotten !== undefined
      ? [`Stop a forgotten one: sockctl inspect ${forgotten.port} --free`]
      : []),
    ...(isTerminal && first !== undefined
      ? [`Details: sockctl inspect ${(forgotten ?? first).port}`]
      : []),
  ]
  if (isTerminal && lines.length + steps.length > 0) stderr.write('\n')
  for (const line of [...lines, ...steps]) stderr.write(`${terminalText(line)}\n`)
  return EXIT_CODES.ok.code
}
