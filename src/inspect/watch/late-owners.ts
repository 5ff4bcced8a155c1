import { loadLibc } from '../../native/libc.ts'
import { type DescriptorTables, plainTables, tablesThrough } from '../owners/descriptor-tables.ts'
import { findOwners } from '../owners/find-owners.ts'
import { OWN_PROC } from '../sources/types.ts'
import type { Owner } from '../types.ts'

/** How much of the time may go into looking for holders, unless more is allowed. */
const USUAL_SHARE = 0.02

/** Nobody is found who is hidden: after so many tries a socket is left alone. */
const MOST_TRIES = 2

/**
 * Looks for the holders of sockets that came since the first look. To read what processes hold takes
 * far longer than to list the sockets, so that it is done for new ones only, for all of them at once,
 * and so rarely that it takes no more than its share of the time. Who waits longer is named later.
 */
export class LateOwners {
  readonly #procRoot: string
  readonly #share: number
  /** How often each was looked for in vain, by inode. */
  readonly #missing = new Map<number, { tries: number; readonly uid: number | undefined }>()
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

  /** Those that were found, by inode; empty too when it is not time to look yet. */
  async find(): Promise<ReadonlyMap<number, readonly Owner[]>> {
    if (this.#missing.size === 0 || performance.now() < this.#notBefore) return new Map()
    this.#tables ??= await loadTables(this.#procRoot)
    const begun = performance.now()
    const { owners } = findOwners({
      sockets: new Map([...this.#missing].map(([inode, { uid }]) => [inode, uid])),
      procRoot: this.#procRoot,
      viewerUid: process.getuid?.(),
      tables: this.#tables,
    })
    const now = performance.now()
    this.#notBefore = now + (now - begun) * (1 / this.#share - 1)
    for (const [inode, one] of this.#missing) {
      one.tries++
      if (owners.has(inode) || one.tries >= MOST_TRIES) this.#missing.delete(inode)
    }
    return owners
  }
}

/** The C library is asked about processes by number: those elsewhere have other numbers here. */
async function loadTables(procRoot: string): Promise<DescriptorTables> {
  if (procRoot !== OWN_PROC) return plainTables
  const load = await loadLibc()
  return 'libc' in load ? tablesThrough(load.libc) : plainTables
}
