import { resolve } from 'node:path'
import { type SnapshotRequest, takeSnapshot } from '../snapshot.ts'
import { KnownTables } from '../sources/known-records.ts'
import { OWN_PROC } from '../sources/types.ts'
import type {
  Owner,
  Snapshot,
  SocketRecord,
  SocketState,
  SourceName,
  Warning,
  WarningCode,
} from '../types.ts'
import { type Entry, entryOf, isAnother } from './entry.ts'
import { keyOf, type SocketKey } from './identity.ts'
import { LateOwners } from './late-owners.ts'
import type { Look, WatchedSocket } from './types.ts'

/** What to look at, as for one snapshot. */
export interface WatchRequest extends SnapshotRequest {
  /** How much of the time may go into looking for the holders of new sockets. */
  readonly ownerShare?: number
}

/** Holders are looked for thoroughly only once, and the source is chosen then. */
const LASTING: ReadonlySet<WarningCode> = new Set(['owners-hidden', 'source-fallback'])

/** A socket that so many incomplete looks have missed is taken for gone. */
const MOST_MISSES = 5

/**
 * Looks at sockets again and again, and tells what changed. It is made for tables of many sockets of
 * which few change: all that is read of one that stays the same is its number, its state and its
 * inode. Holders are remembered by that number, so that what a process leaves behind has a name.
 */
export class SocketWatch {
  readonly #request: WatchRequest
  readonly #lateOwners: LateOwners
  readonly #known = new KnownTables()
  readonly #sockets = new Map<SocketKey, Entry>()
  /** Those of the last look, in its order. */
  #before: readonly Entry[] = []
  /** Of the sockets that are there, by inode. */
  readonly #owners = new Map<number, readonly Owner[]>()
  #number = 0
  #source: SourceName | undefined
  #firstMessages: ReadonlySet<string> = new Set()
  /** What is found out at the first look alone, and holds for all. */
  #lastingWarnings: readonly Warning[] = []

  constructor(request: WatchRequest) {
    this.#request = request
    const procRoot = resolve(request.procRoot ?? OWN_PROC)
    this.#lateOwners = new LateOwners(procRoot, request.ownerShare)
  }

  /** Finds what is known of a socket of the last look. */
  find(record: SocketRecord): WatchedSocket | undefined {
    return this.#sockets.get(keyOf(record))
  }

  /** Whether the holders of a socket have not been looked for yet, or will be once more. */
  isPending({ inode }: SocketRecord): boolean {
    return inode !== 0 && this.#lateOwners.isWanted(inode)
  }

  /**
   * Looks once more.
   *
   * @throws as `takeSnapshot`
   */
  async look(): Promise<Look> {
    const number = ++this.#number
    const isFirst = number === 1
    const taken = await takeSnapshot({
      ...this.#request,
      known: this.#known,
      ...(this.#source !== undefined && { source: this.#source }),
      owners: isFirst ? this.#request.owners : false,
    })
    // Another source would know the same sockets by other names. Each namespace may have its own.
    if (this.#request.netns === undefined) this.#source ??= taken.source
    if (isFirst) this.#keepFirst(taken)
    const opened: Entry[] = []
    const changed: Entry[] = []
    const replaced: Entry[] = []
    const sockets: Entry[] = []
    const before = this.#before
    let next = 0
    for (const record of taken.records) {
      const expected = before[next]
      const known = expected?.record === record ? expected : this.#sockets.get(keyOf(record))
      if (known !== undefined) next = known.place + 1
      const state = record.state
      if (known === undefined || isAnother(known, state, { number })) {
        if (known !== undefined && known.seenAt === number - 1) replaced.push(known)
        const entry = this.#open(record, state, number)
        if (record.cookie !== undefined) entry.owners ??= known?.owners
        entry.place = sockets.length
        this.#sockets.set(keyOf(record), entry)
        opened.push(entry)
        sockets.push(entry)
        continue
      }
      known.place = sockets.length
      sockets.push(known)
      known.record = record
      known.seenAt = number
      known.misses = 0
      const inode = record.inode
      if (inode !== known.inode) this.#move(known, inode)
      if (record.owners !== undefined && record.owners.length > 0) known.owners = record.owners
      if (state === known.state) continue
      known.stateBefore = known.state
      known.state = state
      known.changedAt = number
      changed.push(known)
    }
    const missed = this.#isPartial(taken) ? this.#carryOver(number) : []
    sockets.push(...missed)
    this.#before = sockets
    // Most often there is nothing that could have gone.
    const isAllSeen = this.#sockets.size === sockets.length
    const gone = isAllSeen ? replaced : [...replaced, ...this.#sweep(number)]
    const named = isFirst ? [] : await this.#nameLateOwners(opened)
    const records = [...taken.records, ...missed.map(({ record }) => record)]
    const snapshot = this.#withOwners(missed.length > 0 ? { ...taken, records } : taken)
    return { number, snapshot, sockets, opened, changed, named, gone }
  }

  #open(record: SocketRecord, state: SocketState, number: number): Entry {
    const inode = record.inode
    const entry = entryOf(record, { state, inode, number })
    entry.owners ??= this.#owners.get(inode)
    if (number > 1) this.#ask(entry)
    return entry
  }

  /** A connection was accepted, or its process closed it. */
  #move(entry: Entry, inode: number): void {
    this.#release(entry)
    entry.inode = inode
    this.#ask(entry)
  }

  #ask({ inode, record }: Entry): void {
    const { owners } = this.#request
    if (inode === 0 || owners === false || record.owners !== undefined) return
    if (owners === true || owners(record, [record])) this.#lateOwners.want(inode, record.uid)
  }

  #release({ inode }: Entry): void {
    if (inode === 0) return
    this.#owners.delete(inode)
    this.#lateOwners.forget(inode)
  }

  /** What an incomplete look has not seen is not gone for that: it stays as it was. */
  #carryOver(number: number): Entry[] {
    const missed: Entry[] = []
    for (const entry of this.#sockets.values()) {
      if (entry.seenAt !== number - 1 || entry.misses === MOST_MISSES) continue
      entry.seenAt = number
      entry.misses++
      missed.push(entry)
    }
    return missed
  }

  /** What is gone is kept for one look more: a table that changes while it is read can miss it. */
  #sweep(number: number): Entry[] {
    const gone: Entry[] = []
    this.#sockets.forEach((entry, key) => {
      if (entry.seenAt === number) return
      if (entry.seenAt < number - 1) {
        this.#sockets.delete(key)
      } else {
        this.#release(entry)
        gone.push(entry)
      }
    })
    return gone
  }

  async #nameLateOwners(opened: readonly Entry[]): Promise<Entry[]> {
    const found = await this.#lateOwners.find()
    if (found.size === 0) return []
    for (const [inode, owners] of found) this.#owners.set(inode, owners)
    const isNew = new Set(opened)
    const named: Entry[] = []
    for (const entry of this.#sockets.values()) {
      const owners = entry.inode === 0 ? undefined : found.get(entry.inode)
      if (owners === undefined) continue
      entry.owners = owners
      if (!isNew.has(entry)) named.push(entry)
    }
    return named
  }

  /** Whether something is missing that was there at the first look. */
  #isPartial({ warnings }: Snapshot): boolean {
    return warnings.some(
      ({ code, message, isPassing }) =>
        code === 'incomplete' && (isPassing === true || !this.#firstMessages.has(message)),
    )
  }

  #keepFirst({ owners, warnings }: Snapshot): void {
    this.#firstMessages = new Set(warnings.map(({ message }) => message))
    for (const [inode, one] of owners ?? []) {
      this.#owners.set(inode, one)
      this.#lateOwners.note(one)
    }
    this.#lastingWarnings = warnings.filter(({ code }) => LASTING.has(code))
  }

  #withOwners(taken: Snapshot): Snapshot {
    const warnings = this.#number === 1 ? taken.warnings : this.#withLasting(taken.warnings)
    if (this.#request.owners === false) return { ...taken, warnings }
    if (this.#number === 1) return { ...taken, owners: taken.owners && this.#owners }
    return { ...taken, owners: this.#owners, warnings }
  }

  #withLasting(warnings: readonly Warning[]): readonly Warning[] {
    const codes = new Set(warnings.map(({ code }) => code))
    return [...warnings, ...this.#lastingWarnings.filter(({ code }) => !codes.has(code))]
  }
}
