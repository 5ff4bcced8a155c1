import type { SocketList } from '../../../inspect/views/types.ts'
import { terminalText } from '../../../terminal-text.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Invocation } from '../types.ts'
import { ensureAllWasSeen } from './all-seen.ts'
import { readAppearance } from './appearance.ts'
import { wantsChecks } from './check-options.ts'
import { mixedNote, readFilter } from './filter.ts'
import { look } from './look.ts'
import { questionOfPasted, readPasted } from './pasted.ts'
import { type InspectFlags, type Question, readQuestion } from './question.ts'
import { asRoot, footer, headline, nearestName, nothingFound, rootCommand } from './remarks.ts'
import { showsOverview } from './report-target.ts'
import { viewOf } from './view.ts'

/** Lists the sockets that words and flags select, checks them, or ends them. */
export async function runList(
  { words, flags: typedFlags, typed }: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  const checking = wantsChecks(typedFlags) ? await import('./checks.ts') : undefined
  const checks = await checking?.readChecks(words, typedFlags)
  const flags = checks?.flags ?? typedFlags
  const { pastedText, otherWords } = await readPasted(words, flags, context)
  const filter = await readFilter(otherWords, flags, context)
  const asked = readQuestion(filter === undefined ? otherWords : [], flags, filter)
  const told = pastedText === undefined ? asked : questionOfPasted(asked, flags)
  const closing = flags.close ? await import('./close.ts') : undefined
  const question = closing?.questionOfClose(told, flags) ?? told
  const note = filter && mixedNote(filter)
  if (note !== undefined) context.stderr.write(`${terminalText(note)}\n`)
  const appearance = readAppearance(flags, question)
  const { list, candidates } = await look(question, appearance, {
    flags: { ...flags, pastedText },
    context,
  })
  const seeThem = asRoot(typed, context)
  if (checks === undefined && showsOverview(question, appearance, flags)) {
    const { runOverview } = await import('./overview.ts')
    return runOverview(list, appearance, { flags, seeThem, context })
  }
  const foundNothing = list.records.length === 0 && question.namesSockets
  const ensureAllSeen = (): void => ensureAllWasSeen(question, { list, candidates, flags, seeThem })
  if (closing !== undefined) {
    if (foundNothing) ensureAllSeen()
    const { selection } = question
    const toEnd = { flags, selection, rootCommand: rootCommand(typed, context) }
    return closing.closeConnections(list, toEnd, context)
  }
  const isForPeople = appearance.format === 'table'
  const show = async (): Promise<void> => {
    if (isForPeople && foundNothing) {
      context.stderr.write(`${terminalText(nothingFound(question.selection))}\n`)
      const near = nearestName(question.selection, list)
      if (near !== undefined) context.stderr.write(`Did you mean ${terminalText(near)}?\n`)
    } else {
      if (isForPeople) sayFirst(question, list, context)
      const { pieces, leftOut } = await viewOf(list, appearance, { flags, context, question })
      await writePieces(pieces, context)
      if (isForPeople && leftOut !== undefined) context.stderr.write(`${leftOut}\n`)
    }
    if (!isForPeople) return
    const isTTY = !!context.stderr.isTTY
    const lines = footer(question, list, { candidates, seeThem, isTTY })
    for (const line of lines) context.stderr.write(`${terminalText(line)}\n`)
  }
  if (checking !== undefined && checks !== undefined) {
    const seen = { question, list, candidates, seeThem }
    return checking.runChecks(checks, { ...seen, ensureAllWasSeen: ensureAllSeen, show }, context)
  }
  if (foundNothing) ensureAllSeen()
  await show()
  // For Prometheus none is a number like the others.
  return foundNothing && appearance.format !== 'prom' ? EXIT_CODES.no.code : EXIT_CODES.ok.code
}

/** On a terminal the first line answers. */
function sayFirst(question: Question, list: SocketList, { stdout, stderr }: Context): void {
  if (!stdout.isTTY || !stderr.isTTY) return
  const line = headline(question, list)
  if (line !== undefined) stderr.write(`${line}\n`)
}
