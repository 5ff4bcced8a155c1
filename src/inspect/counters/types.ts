import type { Warning } from '../types.ts'

/** One number that the kernel keeps about the network, as it stood at one moment. */
export interface Counter {
  /** As nstat(8) names it, prefix and name: `TcpExtListenOverflows`. Chosen by the kernel. */
  readonly name: string
  /** Exact: some count bytes for years. A few are -1 for "no limit" (`TcpMaxConn`). */
  readonly value: bigint
  /** `total` only grows until the namespace ends; `level` is how many there are now. */
  readonly kind: 'total' | 'level'
  /** What a level may reach, where a setting says so, in the same unit. */
  readonly limit?: bigint
}

/** All counters of one moment, and what could not be read. */
export interface CounterReading {
  readonly takenAt: Date
  readonly host: string
  readonly counters: readonly Counter[]
  readonly warnings: readonly Warning[]
}

/** A counter that is shown, with what it means for a user. */
export interface ExplainedCounter extends Counter {
  /** The heading it stands under: `Listeners`. */
  readonly group: string
  /** One line; undefined for those that are not explained here. */
  readonly text: string | undefined
}

/** How far a counter moved between two readings. */
export interface CounterChange extends ExplainedCounter {
  readonly change: bigint
  readonly perSecond: number
}
