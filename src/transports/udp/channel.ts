import type { Address, InetAddress } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { DatagramDuplex, type DatagramWay } from './datagram-duplex.ts'
import { LARGEST_DATAGRAM_BYTES } from './types.ts'

const NO_FACTS: Readonly<Record<string, string>> = Object.freeze({})

/** The datagrams between two addresses as a channel: nobody opens it, and nobody hears its end. */
export class UdpChannel implements Channel {
  readonly framing = 'message'
  readonly isLossy = true
  readonly usualFraming = 'chunks'
  readonly largestMessage = LARGEST_DATAGRAM_BYTES
  readonly facts = NO_FACTS
  readonly duplex: DatagramDuplex
  readonly local: Address
  readonly remote: Address

  readonly #onTurnedAway: () => void

  /** @param onTurnedAway somebody else has said of this peer that it may not in */
  constructor(
    way: DatagramWay,
    local: InetAddress,
    remote: InetAddress,
    onTurnedAway: () => void = () => {},
  ) {
    this.#onTurnedAway = onTurnedAway
    this.duplex = new DatagramDuplex(way)
    this.local = local
    this.remote = remote
  }

  get ending(): string | undefined {
    return this.duplex.ending
  }

  reset(): void {
    this.duplex.destroy()
  }

  turnAway(): void {
    this.#onTurnedAway()
    this.reset()
  }
}
