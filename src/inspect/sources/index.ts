import { SockctlError } from '../../errors.ts'
import type { SourceName, Wanted, Warning } from '../types.ts'
import { procfs } from './procfs.ts'
import type { Listing, Source, SourcePlace } from './types.ts'

const SOURCES: readonly Source[] = [procfs]

/** What a source gave, and which one it was. */
export interface Collected extends Listing {
  readonly source: SourceName
}

export async function collect(wanted: Wanted, place: SourcePlace): Promise<Collected> {
  for (const source of SOURCES)
    return { source: source.name, ...(await source.list(wanted, place)) }
  throw new SockctlError('ERR_UNSUPPORTED', 'no source')
}
