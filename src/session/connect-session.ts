import type { Address } from '../address.ts'
import { FirstBytes, loneAlert } from '../channel/first-bytes.ts'
import { asStream } from '../channel/reframe.ts'
import { type Traffic, trafficOver } from '../channel/traffic.ts'
import type { Channel } from '../channel/types.ts'
import type { ConnectOptions } from './connect.ts'
import type { Ended, Outcome } from './outcome.ts'
import { Outgoing } from './outgoing.ts'
import { ReplyWatch } from './stop-rules.ts'

/** A pipe that has brought nothing for so long does not flow. */
const QUIET_MS = 250

/** A peer that goes on sending gets this much silence before `close` cuts it off. */
const LINGER_MS = 500

/** One conversation that we opened: the input goes to the peer, what comes goes to the output. */
export class ConnectSession {
  /** Settles when it is over, by itself or because it was stopped. Never rejects. */
  readonly over: Promise<Outcome>
  readonly #wire: Channel
  readonly #channel: Channel
  readonly #options: ConnectOptions
  readonly #connectedAt = performance.now()
  /** When the time for it all is up. */
  readonly #endsAt: number
  readonly #watch: ReplyWatch
  readonly #outgoing: Outgoing | undefined
  readonly #timers: NodeJS.Timeout[] = []
  #silence: NodeJS.Timeout | undefined
  #quiet: NodeJS.Timeout | undefined
  #bytesIn = 0
  readonly #head = new FirstBytes()
  #peerEnded = false
  #isOver = false
  #settle: (outcome: Outcome) => void = () => {}

  /** @param startedAt when connecting began, by `performance.now()`: the timeout counts from there */
  constructor(channel: Channel, options: ConnectOptions, startedAt = performance.now()) {
    const { layers, rules, output, framing, sentFraming } = options
    const layered = layers.reduce((one, layer) => layer(one), channel)
    this.#wire = channel
    this.#channel = asStream(layered, framing, undefined, sentFraming)
    this.#options = options
    this.#watch = new ReplyWatch(rules)
    this.over = new Promise(resolve => {
      this.#settle = resolve
    })
    const { duplex } = this.#channel
    duplex.on('data', this.#onData)
    duplex.on('end', this.#onEnd)
    duplex.on('error', this.#onError)
    duplex.on('close', () => this.#finish(this.#peerEnded ? 'peer' : 'broken'))
    output.on('drain', this.#onDrain)
    this.#outgoing = this.#send()
    this.#endsAt = startedAt + (rules.timeoutMs ?? Infinity)
    if (rules.timeoutMs !== undefined) this.#after(this.#msLeft, () => this.#finish('timeout'))
  }

  get local(): Address {
    return this.#channel.local
  }

  get remote(): Address {
    return this.#channel.remote
  }

  /** What else is known about the conversation, for people: a TLS version, a user. */
  get facts(): Readonly<Record<string, string>> {
    return this.#channel.facts
  }

  /** What has gone over the wire. */
  get traffic(): Traffic {
    return trafficOver(this.#wire, this.#bytesIn, this.#outgoing?.bytes)
  }

  /** Whether there is nothing left to send. */
  get isAllSent(): boolean {
    return this.#outgoing?.isSent ?? true
  }

  /** Ends it now. */
  stop(): void {
    this.#finish('stopped')
  }

  abandon(): void {
    this.stop()
  }

  #send(): Outgoing | undefined {
    const { input, atInputEnd } = this.#options
    if (input === undefined) return undefined
    return new Outgoing(input, this.#channel.duplex, atInputEnd, {
      progress: () => {
        this.#silence?.refresh()
        this.#quiet?.refresh()
      },
      sent: () => this.#onSent(),
      failed: error => this.#finish('input', error),
    })
  }

  get #msLeft(): number {
    return this.#endsAt - performance.now()
  }

  /** How much silence ends it, from now on. */
  get #silenceMs(): number | undefined {
    const { idleMs, settleMs } = this.#options.rules
    return idleMs ?? (this.isAllSent ? settleMs : undefined)
  }

  #onData = (chunk: Buffer): void => {
    if (this.#isOver) return
    this.#head.take(chunk)
    this.#bytesIn += chunk.length
    if (this.#silence === undefined) this.#endOnSilence(this.#silenceMs)
    else this.#silence.refresh()
    const { kept, ended } = this.#watch.take(chunk, this.#msLeft)
    if (kept.length > 0 && !this.#options.output.write(kept)) this.#channel.duplex.pause()
    if (ended !== undefined) this.#finish(ended)
    else if (this.#options.rules.expect !== undefined) this.#takeTurns()
  }

  /** What comes may be made for looks that are slow: signals and timers are heard between them. */
  #takeTurns(): void {
    const { duplex } = this.#channel
    duplex.pause()
    setImmediate(() => {
      if (!this.#options.output.writableNeedDrain) duplex.resume()
    })
  }

  #onDrain = (): void => {
    this.#silence?.refresh()
    this.#channel.duplex.resume()
  }

  #onEnd = (): void => {
    this.#peerEnded = true
    const { atPeerEnd } = this.#options
    const outgoing = this.#outgoing
    if (outgoing === undefined || outgoing.isSent || atPeerEnd === 'stop') this.#finish('peer')
    else if (atPeerEnd === 'drain') this.#endWhenInputIsQuiet(outgoing)
  }

  #endWhenInputIsQuiet(outgoing: Outgoing): void {
    const timer = this.#after(QUIET_MS, () => {
      const peerIsReceiver = this.#bytesIn === 0 && outgoing.bytes > 0
      if (!peerIsReceiver && !outgoing.isBehind) return this.#finish('peer')
      // It has ended, so that nothing is read any more: it could be gone, and nobody would hear.
      this.#channel.probe?.()
      timer.refresh()
    })
    this.#quiet = timer
  }

  #onSent(): void {
    const { atInputEnd, reply, rules } = this.#options
    if (this.#peerEnded) {
      this.#finish('peer')
    } else if (atInputEnd === 'close') {
      // Closing now what still sends would make the system drop data of ours that is on its way.
      if (this.#bytesIn === 0) this.#finish('sent')
      else this.#endOnSilence(LINGER_MS)
    } else {
      const hasAnswer = rules.idleMs === undefined && this.#bytesIn > 0
      if (reply === 'none' || hasAnswer) this.#endOnSilence(this.#silenceMs)
      if (rules.quitMs !== undefined) this.#endUnlessHeldUp(rules.quitMs, 'quit')
    }
  }

  /** Starts to count, anew where it already did. */
  #endOnSilence(silenceMs: number | undefined): void {
    if (silenceMs === undefined) return
    clearTimeout(this.#silence)
    const ended = this.#options.atInputEnd === 'close' ? 'sent' : 'idle'
    this.#silence = this.#endUnlessHeldUp(silenceMs, ended)
  }

  /** Silence does not count while it is our output that is slow, or the peer's reading. */
  #endUnlessHeldUp(ms: number, ended: Ended): NodeJS.Timeout {
    const timer = this.#after(ms, () => {
      const isHeldUp = this.#options.output.writableNeedDrain || this.#outgoing?.isBehind === true
      if (isHeldUp) timer.refresh()
      else this.#finish(ended)
    })
    return timer
  }

  #onError = (error: Error): void => {
    // What came before the failure may still wait in the stream.
    const { duplex } = this.#channel
    for (let rest = duplex.read(); rest !== null; rest = duplex.read()) this.#onData(rest)
    this.#finish('broken', error)
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(act, ms)
    this.#timers.push(timer)
    return timer
  }

  #finish(ended: Ended, error?: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#options.output.off('drain', this.#onDrain)
    // Over TLS Node tells of what was written a turn late, and its answer may be there before.
    if (this.#outgoing?.isBehind === true) setImmediate(() => this.#conclude(ended, error))
    else this.#conclude(ended, error)
  }

  #conclude(ended: Ended, error: Error | undefined): void {
    this.#outgoing?.stop()
    this.#leave(ended)
    // The end of the peer ends its last line too. A line that was cut off is none.
    const isLastLineEnded = ended === 'peer' && this.#watch.isInLine
    this.#settle({
      ended,
      bytesIn: this.#bytesIn,
      bytesOut: this.#outgoing?.bytes ?? 0,
      traffic: this.traffic,
      linesIn: this.#watch.wholeLines + (isLastLineEnded ? 1 : 0),
      matched: this.#watch.matched,
      tlsAlert: loneAlert(this.#head.bytes),
      allSent: this.isAllSent,
      durationMs: performance.now() - this.#connectedAt,
      error,
      farewell: this.#channel.farewell,
    })
  }

  /** A peer that could take half a message for a whole one is told by a reset that it is not. */
  #leave(ended: Ended): void {
    const { duplex } = this.#channel
    if (ended === 'input' || this.#outgoing?.isBehind === true) {
      this.#channel.reset()
    } else if (ended === 'stopped') {
      duplex.destroy()
    } else {
      duplex.end(() => duplex.destroy())
      setTimeout(() => duplex.destroy(), LINGER_MS).unref()
    }
  }
}
