import { statSync } from 'node:fs'
import type { DescriptorTables } from '../owners/descriptor-tables.ts'
import { findOwners } from '../owners/find-owners.ts'
import { loadTables } from '../owners/load-tables.ts'
import { OwnerSearch } from '../owners/search.ts'
import type { Owner } from '../types.ts'

/** How much of the time may go into looking for holders, unless more is allowed. */
const USUAL_SHARE = 0.02

/** Nobody is found who is hidden: after so many tries a socket is left alone. */
const MOST_TRIES = 2

/** Who made sockets of late makes the next ones too: so many processes are asked first. */
const MOST_LIKELY = 8

/** Of those, what is read in a moment. */
const LARGEST_QUICK_TABLE = 500

/**
 * Looks for the holders of sockets that came since the first look. To read what processes hold takes
 * far longer than to list the sockets, so that it is done for new ones only, for all of them at once.
 * The processes that were found last are asked at every look, as far as they hold little (another
 * process that holds the same socket is then not seen); all others so rarely that it takes no more
 * than its share of the time. Who waits longer is named later.
 */
export class LateOwners {
  readonly #procRoot: string
  readonly #share: number
  /** How often each was looked for in vain, by inode. */
  readonly #missing = new Map<number, { tries: number; readonly uid: number | undefined }>()
  /** The processes that were found of late, the last one last. */
  readonly #likely = new Set<number>()
  #tables: DescriptorTables | undefined
  #notBefore = 0

  constructor(procRoot: string, share = USUAL_SHARE) {
    this.#procRoot = procRoot
    this.#share = share
  }

  /** Asks for the holders of a socket. */
  want(inode: number, uid: number | undefined): void {
    this.#missing.set(inode, { tries: 0, uid })
  }

  /** Whether the holders of a socket are still to be looked for. */
  isWanted(inode: number): boolean {
    return this.#missing.has(inode)
  }

  /** The socket is gone, or nobody holds it any more. */
  forget(inode: number): void {
    this.#missing.delete(inode)
  }

  /** Remembers who holds sockets. */
  note(owners: readonly Owner[]): void {
    const [owner] = owners
    if (owner === undefined) return
    this.#likely.delete(owner.pid)
    this.#likely.add(owner.pid)
    const [oldest] = this.#likely
    if (this.#likely.size > MOST_LIKELY && oldest !== undefined) this.#likely.delete(oldest)
  }

  /** Those that were found, by inode. */
  async find(): Promise<ReadonlyMap<number, readonly Owner[]>> {
    if (this.#missing.size === 0) return new Map()
    this.#tables ??= await loadTables(this.#procRoot)
    const found = new Map<number, readonly Owner[]>(this.#askLikely(this.#tables))
    for (const inode of found.keys()) this.#missing.delete(inode)
    if (this.#missing.size > 0 && performance.now() >= this.#notBefore) {
      for (const [inode, owners] of this.#askAll(this.#tables)) found.set(inode, owners)
    }
    for (const owners of found.values()) this.note(owners)
    return found
  }

  #askLikely(tables: DescriptorTables): ReadonlyMap<number, readonly Owner[]> {
    const search = new OwnerSearch({ ...this.#question(), tables })
    for (const pid of this.#likely) {
      const folder = `${this.#procRoot}/${pid}`
      const descriptors = countIn(`${folder}/fd`)
      if (descriptors === 0 || descriptors > LARGEST_QUICK_TABLE) continue
      search.readTable({ pid, folder, descriptors, uid: 0 })
      if (search.missing.size === 0) break
    }
    return search.owners
  }

  #askAll(tables: DescriptorTables): ReadonlyMap<number, readonly Owner[]> {
    // What it costs this process, however long others keep it waiting.
    const begun = process.cpuUsage()
    const { owners } = findOwners({ ...this.#question(), tables })
    const { user, system } = process.cpuUsage(begun)
    this.#notBefore = performance.now() + ((user + system) / 1000) * (1 / this.#share - 1)
    for (const [inode, one] of this.#missing) {
      one.tries++
      if (owners.has(inode) || one.tries >= MOST_TRIES) this.#missing.delete(inode)
    }
    return owners
  }

  #question() {
    return {
      sockets: new Map([...this.#missing].map(([inode, { uid }]) => [inode, uid])),
      procRoot: this.#procRoot,
      viewerUid: process.getuid?.(),
    }
  }
}

/** The number of descriptors, which Linux tells from 6.2 on; 0 where it is not told, or not there. */
function countIn(folder: string): number {
  try {
    return statSync(folder, { throwIfNoEntry: false })?.size ?? 0
  } catch {
    return 0
  }
}
