import type { SocketRecord } from '../types.ts'
import { cookieAt, InetDiagRecord, type InetDump } from './inet-record.ts'
import { type Decoder, newBlock } from './netlink.ts'

/** What is known of the tables of IP sockets from one look to the next, for who looks often. */
export class KnownTables {
  readonly #tables = new Map<string, KnownRecords>()

  /** @param name of what one dump holds: `tcp`, `udp ipv6` */
  of(name: string): KnownRecords {
    const known = this.#tables.get(name) ?? new KnownRecords()
    this.#tables.set(name, known)
    return known
  }
}

/**
 * Reads one table again and again, where few of many sockets change. A socket that is still there
 * keeps its record, which then tells what is so now; one that is gone keeps telling what was so last.
 * Records and the memory that answers come in are made once: to make them anew, and to clear away the
 * old ones, takes longer than all else that is done here.
 *
 * Two sets of blocks take turns: while one is filled, records are in the other.
 */
export class KnownRecords {
  readonly #byCookie = new Map<number | bigint, KnownRecord>()
  /** Those of the last dump in its order, which the next one has too, but for what came and went. */
  #order: readonly KnownRecord[] = []
  #turn = 0
  #filled = new BlockSet()
  #spare = new BlockSet()

  /** Begins a dump: makes the function that gives a record for each message, once for each socket. */
  begin(dump: InetDump): Decoder<SocketRecord> {
    // One that was refused has told nothing of any socket.
    if (this.#order.length > 0) {
      this.#forgetUnseen()
      const filled = this.#filled
      this.#filled = this.#spare
      this.#spare = filled
    }
    this.#filled.rewind()
    const turn = ++this.#turn
    const before = this.#order
    const order: KnownRecord[] = []
    this.#order = order
    let next = 0
    return (bytes, at) => {
      const cookie = cookieAt(bytes, at)
      const expected = before[next]
      const known = expected?.key === cookie ? expected : this.#byCookie.get(cookie)
      if (known?.turn === turn) return undefined
      if (known !== undefined) next = known.place + 1
      const record = known ?? new KnownRecord(cookie, dump, bytes, at)
      if (known === undefined) this.#byCookie.set(cookie, record)
      else known.moveTo(dump, bytes, at)
      record.turn = turn
      record.place = order.length
      order.push(record)
      return record
    }
  }

  /** Gives memory of at least so many bytes for the next part of the answer. */
  nextBlock(bytes: number): DataView {
    return this.#filled.next(bytes)
  }

  /** Their bytes are about to be overwritten. */
  #forgetUnseen(): void {
    if (this.#byCookie.size === this.#order.length) return
    this.#byCookie.forEach((record, cookie) => {
      if (record.turn === this.#turn) return
      record.keepBytes()
      this.#byCookie.delete(cookie)
    })
  }
}

class KnownRecord extends InetDiagRecord {
  readonly key: number | bigint
  /** The dump that it was last in, and where there. */
  turn = 0
  place = 0

  constructor(key: number | bigint, dump: InetDump, bytes: DataView, at: number) {
    super(dump, bytes, at)
    this.key = key
  }
}

/** Blocks that are filled from the first one on, again and again. */
class BlockSet {
  readonly #blocks: DataView[] = []
  #used = 0

  /** What the last answer had no need of is given back. */
  rewind(): void {
    this.#blocks.length = this.#used
    this.#used = 0
  }

  next(bytes: number): DataView {
    const known = this.#blocks[this.#used]
    const block = known !== undefined && known.byteLength >= bytes ? known : newBlock(bytes)
    this.#blocks[this.#used] = block
    this.#used++
    return block
  }
}
