import type { SocketRecord, SourceName, Wanted, Warning } from '../types.ts'
import type { KnownTables } from './known-records.ts'

/**
 * A place that knows the machine's sockets. Each source is one file in this folder, registered in
 * `index.ts`; the first that answers is used. All give the same records, less what the place itself
 * does not know, and say in warnings what that is.
 */
export interface Source {
  readonly name: SourceName
  /** Whether it is worth a try. */
  isFor(place: Place): boolean
  /**
   * Reads the sockets. May return more than was wanted: the caller selects again.
   *
   * @param known of the look before; the records of sockets that are still there may be those of then,
   *   and tell what is so now
   * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when it does not answer: another one may
   */
  list(wanted: Wanted, place: Place, known?: KnownTables): Promise<Listing>
}

/** Which system's sockets are asked for. */
export interface Place {
  readonly platform: NodeJS.Platform
  /** Where proc(5) is mounted: OWN_PROC, or another folder, of a container or of a copy. */
  readonly procRoot: string
  /** Another network namespace to ask in. Undefined: this process's. */
  readonly netns?: NamespacePlace
  /** The text of tables of /proc/net, to be read in place of any. */
  readonly pastedText?: string | undefined
}

/** The ways into another network namespace. */
export interface NamespacePlace {
  /** /run/netns/NAME, /proc/PID/ns/net */
  readonly file: string
  /** A process that lives there, if one does. */
  readonly pid: number | undefined
}

/** The processes and sockets that this process is among. */
export const OWN_PROC = '/proc'

export interface Listing {
  readonly records: readonly SocketRecord[]
  readonly warnings: readonly Warning[]
}
