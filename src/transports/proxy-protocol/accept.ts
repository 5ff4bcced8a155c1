import { type Address, formatAddress } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import type { Listener, ListenOptions } from '../types.ts'
import { TurnedAway, type Upgrade, UpgradingListener } from '../upgrading-listener.ts'
import { takeHeader } from './take-header.ts'
import type { HeaderEnds } from './types.ts'

/**
 * A listener around one of streams, whose peers are proxies: each begins with a header of the PROXY
 * protocol, and what comes out is a channel with the one that it speaks for. Whether that one may in
 * is asked too, after the proxy itself was let in.
 */
export function acceptHeaders(
  inner: Listener,
  { admit, handshakeMs }: Pick<ListenOptions, 'admit' | 'handshakeMs'>,
): Listener {
  const upgrade: Upgrade = async channel => {
    const { ends, facts } = await takeHeader(channel.duplex)
    if (ends === undefined) return new AnnouncedChannel(channel, undefined, facts)
    const reason = admit?.(ends.source, channel.duplex)
    if (reason !== undefined) {
      const { source } = ends
      throw new TurnedAway(reason, `${formatAddress(source)} behind it may not in`)
    }
    return new AnnouncedChannel(channel, ends, { ...facts, proxy: formatAddress(channel.remote) })
  }
  return new UpgradingListener(inner, upgrade, handshakeMs)
}

/** A channel with other ends than its own. */
class AnnouncedChannel implements Channel {
  readonly framing: Channel['framing']
  readonly duplex: Channel['duplex']
  readonly facts: Channel['facts']
  readonly #channel: Channel
  readonly #ends: HeaderEnds | undefined

  constructor(channel: Channel, ends: HeaderEnds | undefined, facts: Channel['facts']) {
    this.#channel = channel
    this.#ends = ends
    this.framing = channel.framing
    this.duplex = channel.duplex
    this.facts = { ...channel.facts, ...facts }
  }

  get local(): Address {
    return this.#ends?.destination ?? this.#channel.local
  }

  get remote(): Address {
    return this.#ends?.source ?? this.#channel.remote
  }

  reset(): void {
    this.#channel.reset()
  }

  probe(): void {
    this.#channel.probe?.()
  }
}
