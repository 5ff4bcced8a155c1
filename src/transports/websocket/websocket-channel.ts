import type { Address } from '../../address.ts'
import type { Channel, Farewell } from '../../channel/types.ts'
import { AGAINST_THE_RULES, formatFarewell, TRY_AGAIN_LATER } from './close-codes.ts'
import { keepAsking } from './heartbeat.ts'
import type { PatientWebSocket } from './patient-websocket.ts'
import { FULL } from './text-answer.ts'
import type { WebSocketOptions } from './types.ts'
import { WebSocketDuplex } from './websocket-duplex.ts'

/** A WebSocket (RFC 6455) as a channel of messages, over the channel that carries it. */
export class WebSocketChannel implements Channel {
  readonly framing = 'message'
  readonly duplex: WebSocketDuplex
  readonly facts: Readonly<Record<string, string>>
  readonly #carrier: Channel
  readonly #ws: PatientWebSocket

  constructor(
    ws: PatientWebSocket,
    carrier: Channel,
    options: WebSocketOptions,
    facts: Readonly<Record<string, string>> = {},
  ) {
    this.#ws = ws
    this.#carrier = carrier
    this.duplex = new WebSocketDuplex(ws, carrier.duplex, options)
    const { protocol, extensions } = ws
    this.facts = {
      ...carrier.facts,
      ...facts,
      ...(protocol === '' ? {} : { subprotocol: protocol }),
      ...(extensions === '' ? {} : { compression: extensions }),
    }
    if (options.pingMs !== undefined) keepAsking(ws, this.duplex, options.pingMs)
  }

  get local(): Address {
    return this.#carrier.local
  }

  get remote(): Address {
    return this.#carrier.remote
  }

  get farewell(): Farewell | undefined {
    return this.duplex.farewell
  }

  get ending(): string | undefined {
    const { farewell } = this
    return farewell && `closed by ${farewell.by}: ${formatFarewell(farewell)}`
  }

  reset(): void {
    this.#carrier.reset()
    this.#ws.terminate()
    this.duplex.destroy()
  }

  turnAway(why: 'full' | 'denied' | 'no-longer'): void {
    if (why === 'full') this.duplex.dismiss(TRY_AGAIN_LATER, FULL.text)
    else this.duplex.dismiss(AGAINST_THE_RULES, DENIALS[why])
  }

  probe(): void {
    this.#carrier.probe?.()
  }
}

const DENIALS = { denied: 'not allowed in', 'no-longer': 'no longer allowed in' } as const
