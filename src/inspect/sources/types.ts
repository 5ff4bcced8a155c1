import type { SocketRecord, SourceName, Wanted, Warning } from '../types.ts'

/**
 * A place that knows the machine's sockets. Each source is one file in this folder, registered in
 * `index.ts`; the first that answers is used. All give the same records, less what the place itself
 * does not know, and say in warnings what that is.
 */
export interface Source {
  readonly name: SourceName
  /** Whether systems of this kind have the place: whether it is worth a try. */
  runsOn(platform: NodeJS.Platform): boolean
  /**
   * Reads the sockets. May return more than was wanted: the caller selects again.
   *
   * @throws ERR_UNSUPPORTED, ERR_DENIED when the place does not answer here: another may
   */
  list(wanted: Wanted, place: SourcePlace): Promise<Listing>
}

/** Where a source looks. */
export interface SourcePlace {
  /** The folder where proc(5) is mounted: `/proc`, or the one of a container. */
  readonly procRoot: string
}

export interface Listing {
  readonly records: readonly SocketRecord[]
  readonly warnings: readonly Warning[]
}
