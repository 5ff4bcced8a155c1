import type { Protocol, SocketState } from '../../types.ts'

/**
 * What sockets there were at one moment, as it can be kept in a file: the document of `--json`, and
 * in it what it takes to compare two of them.
 */
export interface SavedDocument {
  /** RFC 3339. */
  readonly takenAt: string
  readonly host: string
  /** Of the kernel since it was started (random(4)). Undefined: the system has none. */
  readonly bootId: string | undefined
  /** What was asked for. Undefined in a plain `--json`. */
  readonly selection: SavedSelection | undefined
  readonly sockets: readonly SavedSocket[]
}

/** Which sockets a document is about, each list in one order, so that two can be compared. */
export interface SavedSelection {
  readonly protocols: readonly string[]
  readonly families: readonly string[]
  readonly states: readonly string[]
  /** The rest of it in the filter language. */
  readonly filter?: string
  readonly netns?: string
  readonly container?: string
}

/** What a comparison needs of a socket. Names are as they were: not safe to print. */
export interface SavedSocket {
  readonly protocol: Protocol
  readonly state: SocketState
  /** Only unix: stream, datagram, seqpacket. */
  readonly type: string | undefined
  readonly local: SavedEnd | undefined
  readonly remote: SavedEnd | undefined
  readonly cookie: string | undefined
  /** The network namespace, where others were looked into. */
  readonly netns: string | undefined
  readonly uid: number | undefined
  readonly user: string | undefined
  readonly ownership: string | undefined
  /** The holders; of a connection that waits to be accepted, those of its listener. */
  readonly owners: readonly { readonly name: string; readonly pid: number }[]
}

export interface SavedEnd {
  readonly host: string
  /** Undefined: the host is a path. */
  readonly port: number | undefined
}
