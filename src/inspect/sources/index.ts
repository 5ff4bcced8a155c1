import { SockctlError } from '../../errors.ts'
import type { SourceName, Wanted } from '../types.ts'
import { iphlpapi } from './iphlpapi.ts'
import type { KnownTables } from './known-records.ts'
import { netstat } from './netstat.ts'
import { pasted } from './pasted.ts'
import { procfs } from './procfs.ts'
import { sockDiag } from './sock-diag.ts'
import { systeminformation } from './systeminformation.ts'
import { type Listing, OWN_PROC, type Place, type Source } from './types.ts'

/** Every source, the best first. */
const SOURCES = {
  'sock-diag': sockDiag,
  procfs,
  iphlpapi,
  netstat,
  pasted,
  systeminformation,
} as const satisfies Record<SourceName, Source>

/** What a source gave, and which one it was. */
export interface Collected extends Listing {
  readonly source: SourceName
}

/**
 * Reads the wanted sockets from the source that is named, or from the best one that answers. That a
 * better one was tried in vain is said in a warning.
 *
 * @param options.name only this source. Undefined: the best one that answers
 * @param options.known of the look before, as `Source.list` takes it
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when none answers, or not the one that is named
 */
export async function collect(
  wanted: Wanted,
  place: Place,
  {
    name,
    known,
  }: { readonly name?: SourceName | undefined; readonly known?: KnownTables | undefined } = {},
): Promise<Collected> {
  const failures: SockctlError[] = []
  for (const source of candidates(place, name)) {
    try {
      const { records, warnings } = await source.list(wanted, place, known)
      const fallbacks = failures.map(({ message }) => ({
        code: 'source-fallback' as const,
        message: `${message}; looked into ${source.name} instead`,
      }))
      return { source: source.name, records, warnings: [...fallbacks, ...warnings] }
    } catch (error) {
      if (!(error instanceof SockctlError)) throw error
      failures.push(error)
    }
  }
  throw failures.at(-1) ?? noSource(place)
}

/** @throws ERR_UNSUPPORTED when the source that is named cannot look there */
function candidates(place: Place, name: SourceName | undefined): Source[] {
  // What was handed over is not looked for elsewhere.
  if (place.pastedText !== undefined) return [SOURCES.pasted]
  const usable = Object.values(SOURCES).filter(source => source.isFor(place))
  if (name === undefined) return usable
  const named = usable.filter(source => source.name === name)
  if (named.length > 0) return named
  const others = usable.map(source => source.name).join(', ')
  throw new SockctlError('ERR_UNSUPPORTED', `${name} cannot look into ${placeText(place)}`, {
    hints: [others === '' ? 'No other source can.' : `This can: ${others}.`],
  })
}

function noSource(place: Place): SockctlError {
  return new SockctlError('ERR_UNSUPPORTED', `no source can look into ${placeText(place)}`)
}

function placeText({ platform, procRoot }: Place): string {
  return procRoot === OWN_PROC ? `the sockets of ${platform}` : procRoot
}
