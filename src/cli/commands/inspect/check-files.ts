import { readFileSync } from 'node:fs'
import { SockctlError } from '../../../errors.ts'
import { ensureSameSelection } from '../../../inspect/checks/saved/compare.ts'
import { readSaved } from '../../../inspect/checks/saved/read.ts'
import type { SavedDocument, SavedSelection } from '../../../inspect/checks/saved/types.ts'
import { formatExpression } from '../../../inspect/select/format-expression.ts'
import { conditionOf, type Selection } from '../../../inspect/select/selection.ts'
import { machineColumns } from '../../../inspect/views/column-choice.ts'
import { savedJsonView } from '../../../inspect/views/json.ts'
import { terminalText } from '../../../terminal-text.ts'
import { formatBytes, formatCount } from '../../../units.ts'
import type { Context } from '../../context.ts'
import { replaceFile } from '../../replace-file.ts'
import type { Answer } from './checks.ts'
import type { InspectFlags } from './question.ts'

/** What the file of --save and --diff is called. */
export const SAVED_FILE = 'saved sockets'

/** As much as 200,000 sockets: more are neither written nor read. */
export const LONGEST_SAVED_BYTES = 128 * 2 ** 20

/**
 * Keeps what is seen now, in a file that only this user may read: it names processes and addresses.
 *
 * @returns what was kept, also where it is only to be compared with; undefined: neither was asked
 * @throws ERR_USAGE where it is about other sockets than what it is to be compared with
 */
export async function saveMoment(
  flags: InspectFlags,
  { list, question }: Answer,
  before: SavedDocument | undefined,
  { stderr }: Context,
): Promise<SavedDocument | undefined> {
  const { save, diff, quiet } = flags
  if (save === undefined && diff === undefined) return undefined
  const selection = savedSelection(question.selection, flags)
  if (before !== undefined) ensureSameSelection(before, selection, diff ?? '')
  const columns = machineColumns('json', { details: new Set(), peers: false })
  const bootId = readBootId(flags.proc)
  const text = [...savedJsonView(list, columns, { bootId, selection })].join('')
  if (save !== undefined) {
    ensureReadable(text, list.records.length)
    replaceFile(save, text, { what: SAVED_FILE, mode: 0o600 })
    const count = formatCount(list.records.length, 'socket')
    if (!quiet) stderr.write(`${count} saved to ${terminalText(save)}\n`)
  }
  return readSaved(text, { name: save ?? 'this moment' })
}

/** What could not be read again is no use. */
function ensureReadable(text: string, sockets: number): void {
  if (Buffer.byteLength(text) <= LONGEST_SAVED_BYTES) return
  const most = formatBytes(LONGEST_SAVED_BYTES)
  throw new SockctlError('ERR_LIMIT', `cannot save ${sockets} sockets: more than ${most}`, {
    hints: ['Choose some of them: by a port, a state, a filter.'],
  })
}

function savedSelection(selection: Selection, { netns, container }: InspectFlags): SavedSelection {
  const condition = conditionOf(selection)
  const { protocols, families, states } = selection
  return {
    protocols: [...protocols].sort(),
    families: [...families].sort(),
    states: [...states].sort(),
    ...(condition !== undefined && { filter: formatExpression(condition) }),
    ...(netns !== undefined && { netns }),
    ...(container !== undefined && { container }),
  }
}

/** Linux has one (random(4)); a copy of /proc may have none. */
function readBootId(proc = '/proc'): string | undefined {
  try {
    return readFileSync(`${proc}/sys/kernel/random/boot_id`, 'utf8').trim()
  } catch {
    return undefined
  }
}
