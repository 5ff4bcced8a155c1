import type { Address } from '../address.ts'
import type { Frequency } from '../units.ts'

export interface AddressLimits {
  /** Connections at a time from one address. Undefined: no limit. */
  readonly maxConns?: number | undefined
  /** New connections from one address. Undefined: no limit. */
  readonly rate?: Frequency | undefined
}

/** What is asked of a connection: whose `close` can be listened for. */
interface Closing {
  once(event: 'close', listener: () => void): unknown
}

/** So many addresses are remembered. Who would need more is an attack, and must not cost memory. */
const REMEMBERED = 65_536

/**
 * Keeps one address from taking more than its share. An IPv6 peer is its /64: it has 2^64 addresses
 * (RFC 6177). unix(7) peers have none, and are not limited.
 */
export class AddressLimiter {
  readonly #limits: AddressLimits
  readonly #open = new Map<string, number>()
  /** Those drawn from of late, and those before them: what was in neither for a time is forgotten. */
  #buckets = new Map<string, Bucket>()
  #olderBuckets = new Map<string, Bucket>()
  #turnedAt = -Infinity

  constructor(limits: AddressLimits) {
    this.#limits = limits
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#open.size + this.#buckets.size + this.#olderBuckets.size
  }

  /**
   * Counts a connection that comes, until it closes. Who is turned away for one reason does not use
   * the other limit up.
   *
   * @param now in milliseconds, of a clock that does not jump
   */
  admit(
    remote: Address,
    connection: Closing,
    now: number = performance.now(),
  ): 'too-many' | 'too-fast' | undefined {
    if (remote.family === 'unix') return undefined
    const key = networkOf(remote.host)
    const { maxConns = Infinity, rate } = this.#limits
    const open = this.#open.get(key) ?? 0
    if (open >= maxConns) return 'too-many'
    if (rate !== undefined && !this.#draw(key, rate, now)) return 'too-fast'
    if (maxConns !== Infinity) this.#count(key, open, connection)
    return undefined
  }

  /** As many as there are connections, and so no more than descriptors. */
  #count(key: string, open: number, connection: Closing): void {
    this.#open.set(key, open + 1)
    connection.once('close', () => {
      const left = (this.#open.get(key) ?? 1) - 1
      if (left === 0) this.#open.delete(key)
      else this.#open.set(key, left)
    })
  }

  /** A bucket of tokens that fills by itself: a moment may take a whole one, the long run the rate. */
  #draw(key: string, { count, perMs }: Frequency, now: number): boolean {
    this.#forget(now - perMs, now)
    const bucket = this.#buckets.get(key) ?? this.#olderBuckets.get(key)
    const before = bucket ?? { tokens: count, at: now }
    const tokens = Math.min(count, before.tokens + ((now - before.at) * count) / perMs)
    const isEnough = tokens >= 1
    this.#buckets.set(key, { tokens: isEnough ? tokens - 1 : tokens, at: now })
    return isEnough
  }

  /**
   * A bucket that is full again says nothing; of the others the oldest go where there is no room. All
   * at once: taken out one by one they would leave gaps in the table, through which the search for
   * the next oldest has to go again and again.
   */
  #forget(fullSince: number, now: number): void {
    if (this.#turnedAt > fullSince && this.#buckets.size < REMEMBERED / 2) return
    this.#olderBuckets = this.#buckets
    this.#buckets = new Map()
    this.#turnedAt = now
  }
}

interface Bucket {
  readonly tokens: number
  readonly at: number
}

/** The address itself, or the first four groups of an IPv6 one. */
function networkOf(host: string): string {
  if (!host.includes(':')) return host
  const [head = '', tail] = host.replace(/%.*$/, '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const groups = [...before, ...zeros, ...after].slice(0, 4)
  return `${groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
