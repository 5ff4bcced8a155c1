import { resolve } from 'node:path'
import { type SnapshotRequest, takeSnapshot } from '../snapshot.ts'
import { OWN_PROC } from '../sources/types.ts'
import type { Owner, Snapshot, SocketRecord, SocketState, Warning } from '../types.ts'
import { keyOf, type SocketKey } from './identity.ts'
import { LateOwners } from './late-owners.ts'
import type { Look, WatchedSocket } from './types.ts'

/** What to look at, as for one snapshot. */
export interface WatchRequest extends SnapshotRequest {
  /** How much of the time may go into looking for the holders of new sockets. */
  readonly ownerShare?: number
}

type Entry = { -readonly [Key in keyof WatchedSocket]: WatchedSocket[Key] } & { inode: number }

/**
 * Looks at sockets again and again, and tells what changed. It is made for tables of many sockets of
 * which few change: all that is read of one that stays the same is its number, its state and its
 * inode. Holders are remembered by that number, so that what a process leaves behind has a name.
 */
export class SocketWatch {
  readonly #request: WatchRequest
  readonly #lateOwners: LateOwners
  readonly #sockets = new Map<SocketKey, Entry>()
  /** Of the sockets that are there, by inode. */
  readonly #owners = new Map<number, readonly Owner[]>()
  #number = 0
  /** About hidden owners: they are looked for thoroughly only once. */
  #ownerWarnings: readonly Warning[] = []

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
      owners: isFirst ? this.#request.owners : false,
    })
    if (isFirst) this.#keepOwners(taken)
    const opened: Entry[] = []
    const changed: Entry[] = []
    const replaced: Entry[] = []
    const sockets: Entry[] = []
    for (const record of taken.records) {
      const key = keyOf(record)
      const known = this.#sockets.get(key)
      const state = record.state
      if (known === undefined || isAnother(known, state, number)) {
        if (known !== undefined && known.seenAt === number - 1) replaced.push(known)
        const entry = this.#open(record, state, number)
        if (record.cookie !== undefined) entry.owners ??= known?.owners
        this.#sockets.set(key, entry)
        opened.push(entry)
        sockets.push(entry)
        continue
      }
      sockets.push(known)
      known.record = record
      known.seenAt = number
      const inode = record.inode
      if (inode !== known.inode) this.#move(known, inode)
      if (record.owners !== undefined && record.owners.length > 0) known.owners = record.owners
      if (state === known.state) continue
      known.stateBefore = known.state
      known.state = state
      known.changedAt = number
      changed.push(known)
    }
    const gone = [...replaced, ...this.#sweep(number)]
    const named = isFirst ? [] : await this.#nameLateOwners(opened)
    return { number, snapshot: this.#withOwners(taken), sockets, opened, changed, named, gone }
  }

  #open(record: SocketRecord, state: SocketState, number: number): Entry {
    const inode = record.inode
    const owners = record.owners?.length === 0 ? undefined : record.owners
    const entry: Entry = {
      record,
      state,
      inode,
      stateBefore: undefined,
      owners: owners ?? this.#owners.get(inode),
      openedAt: number,
      changedAt: number,
      seenAt: number,
      selectedAt: 0,
    }
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

  /** What is gone is kept for one look more: a table that changes while it is read can miss it. */
  #sweep(number: number): Entry[] {
    const gone: Entry[] = []
    for (const [key, entry] of this.#sockets) {
      if (entry.seenAt === number) continue
      if (entry.seenAt < number - 1) {
        this.#sockets.delete(key)
        continue
      }
      this.#release(entry)
      gone.push(entry)
    }
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

  #keepOwners({ owners, warnings }: Snapshot): void {
    for (const [inode, one] of owners ?? []) {
      this.#owners.set(inode, one)
      this.#lateOwners.note(one)
    }
    this.#ownerWarnings = warnings.filter(({ code }) => code === 'owners-hidden')
  }

  #withOwners(taken: Snapshot): Snapshot {
    if (this.#request.owners === false) return taken
    if (this.#number === 1) return { ...taken, owners: taken.owners && this.#owners }
    const warnings = [...taken.warnings, ...this.#ownerWarnings]
    return { ...taken, owners: this.#owners, warnings }
  }
}

/**
 * Whether what is seen under a known name cannot be the socket that had it: one that was gone for a
 * look, or a connection between the same ends as one that was over.
 */
function isAnother({ state, seenAt }: Entry, now: SocketState, number: number): boolean {
  return seenAt < number - 1 || (state === 'time-wait' && now !== 'time-wait')
}
