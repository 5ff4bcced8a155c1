import { afterEach } from 'vitest'
import type { Channel } from '../../src/channel/types.ts'
import type { Endpoint } from '../../src/endpoint/types.ts'
import { dial, listen } from '../../src/transports/index.ts'
import type { IssuedCertificate } from '../../src/transports/tls/issue-certificate.ts'
import type { TlsDialOptions, TlsListenOptions } from '../../src/transports/tls/types.ts'
import type { Listener, ListenOptions, Refusal } from '../../src/transports/types.ts'
import { within } from './deadline.ts'

const listeners: Listener[] = []
const channels: Channel[] = []

/** Ends what `tlsListener` opened in a test. Called once at the top of a file. */
export function closeTlsAfterEach(): void {
  afterEach(async () => {
    for (const channel of channels.splice(0)) channel.reset()
    for (const listener of listeners.splice(0)) await listener.close()
  })
}

export interface TlsListener {
  readonly port: number
  /** The next connection, and the next that was turned away. */
  accepted(): Promise<Channel>
  refused(): Promise<Refusal>
  /** Connects to it, trusting its CA unless something else is said. */
  dial(options?: TlsDialOptions & { readonly timeoutMs?: number }): Promise<Channel>
}

/** A listener under TLS on a free port. Errors of its channels are not thrown. */
export async function tlsListener(
  { cert, key, ca }: IssuedCertificate,
  {
    tls,
    ...options
  }: Omit<ListenOptions, 'tls'> & { readonly tls?: Partial<TlsListenOptions> } = {},
): Promise<TlsListener> {
  const listener = await listen(at(0), { ...options, tls: { cert, key, ...tls } })
  listeners.push(listener)
  const [address] = listener.addresses
  const port = address !== undefined && 'port' in address ? address.port : 0
  const refusals = new Arrivals<Refusal>()
  const peers = new Arrivals<Channel>()
  listener.onRefused = refusal => refusals.add(refusal)
  void (async () => {
    for await (const channel of listener) {
      channels.push(channel)
      channel.duplex.on('error', () => {})
      peers.add(channel)
    }
  })()
  return {
    port,
    accepted: () => within(5000, 'a connection', peers.next()),
    refused: () => within(5000, 'a refusal', refusals.next()),
    async dial({ timeoutMs = 5000, ...more } = {}) {
      const channel = await dial(at(port), { timeoutMs, tls: { ca, ...more } })
      channels.push(channel)
      return channel
    },
  }
}

function at(port: number): Endpoint {
  return { scheme: 'tls', host: '127.0.0.1', port }
}

/** What comes, for those who wait for it, in order. */
class Arrivals<T> {
  readonly #come: T[] = []
  readonly #awaited: ((one: T) => void)[] = []

  add(one: T): void {
    const awaited = this.#awaited.shift()
    if (awaited === undefined) this.#come.push(one)
    else awaited(one)
  }

  next(): Promise<T> {
    const [one] = this.#come.splice(0, 1)
    if (one !== undefined) return Promise.resolve(one)
    return new Promise(resolve => this.#awaited.push(resolve))
  }
}
