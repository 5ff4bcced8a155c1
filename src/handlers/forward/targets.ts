import type { Address } from '../../address.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { Endpoint } from '../../endpoint/types.ts'

/** How targets share the work. `hash`: the same client gets the same target. */
export const BALANCES = ['round-robin', 'least', 'hash'] as const

export type Balance = (typeof BALANCES)[number]

/** One of the endpoints that are forwarded to, and how it does. */
export class Target {
  readonly endpoint: Endpoint
  /** Conversations with it, and those that are being opened. */
  open = 0
  /** Left out, as it did not answer. */
  isOut = false

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint
  }
}

/** The targets of a forwarder, and whose turn it is. */
export class Targets {
  readonly all: readonly Target[]
  readonly #balance: Balance
  #turn = 0

  constructor(endpoints: readonly Endpoint[], balance: Balance = 'round-robin') {
    this.all = endpoints.map(endpoint => new Target(endpoint))
    this.#balance = balance
  }

  /**
   * All of them in the order in which to try them for a client: those that are left out are the last
   * resort.
   */
  orderFor(client: Address): readonly Target[] {
    const start = this.#turn++ % this.all.length
    const inTurn = [...this.all.slice(start), ...this.all.slice(0, start)]
    const ordered = this.#order(inTurn, client)
    return [...ordered.filter(one => !one.isOut), ...ordered.filter(one => one.isOut)]
  }

  #order(inTurn: readonly Target[], client: Address): readonly Target[] {
    switch (this.#balance) {
      case 'round-robin':
        return inTurn
      case 'least':
        return inTurn.toSorted((a, b) => a.open - b.open)
      case 'hash': {
        // Rendezvous hashing: when a target leaves, only its own clients move.
        const key = client.family === 'unix' ? client.path : client.host
        const weights = new Map(inTurn.map(one => [one, weightOf(key, one)]))
        const weight = (one: Target): number => weights.get(one) ?? 0
        return inTurn.toSorted((a, b) => weight(b) - weight(a))
      }
    }
  }
}

/** FNV-1a, mixed as MurmurHash3 does at its end: keys that are alike get weights that are not. */
function weightOf(key: string, { endpoint }: Target): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(`${key}\0${formatEndpoint(endpoint)}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
