import type { SocketRecord, SourceName, Wanted, Warning } from '../types.ts'

/**
 * A place that knows the machine's sockets. Each source is one file in this folder, registered in
 * `index.ts`; the first that is available answers. All give the same records, less what the place
 * itself does not know, and say in warnings what that is.
 */
export interface Source {
  readonly name: SourceName
  /** Whether this source can answer on this machine, cheaply and without asking for sockets. */
  isAvailable(): boolean | Promise<boolean>
  /**
   * Reads the sockets. May return more than was wanted: the caller selects again.
   *
   * @throws ERR_UNSUPPORTED, ERR_DENIED when the place exists and does not answer
   */
  list(wanted: Wanted): Promise<Listing>
}

export interface Listing {
  readonly records: readonly SocketRecord[]
  readonly warnings: readonly Warning[]
}
