import { hostname } from 'node:os'
import type { Snapshot, SourceName } from '../../../inspect/types.ts'
import { SCHEMA_VERSION } from '../../../inspect/views/json.ts'
import { terminalJson } from '../../../terminal-text.ts'
import type { Context } from '../../context.ts'
import { writePieces } from '../../write-pieces.ts'

/** What the results rest on. */
type Basis = Pick<Snapshot, 'takenAt' | 'warnings'> & { readonly source?: SourceName }

/** Writes what was done as one JSON document: `results` stands where `sockets` do otherwise. */
export async function writeResults(
  results: readonly object[],
  { takenAt, source, warnings }: Basis,
  context: Context,
): Promise<void> {
  const document = {
    schema: SCHEMA_VERSION,
    takenAt: takenAt.toISOString(),
    host: hostname(),
    source,
    results,
    warnings,
  }
  await writePieces([`${terminalJson(JSON.stringify(document, undefined, 2))}\n`], context)
}
