import { messageOf } from '../channel/framing.ts'
import type { Message } from '../channel/types.ts'
import type { Consumer } from './consumer.ts'
import { Jam } from './jam.ts'
import { joinBuffers, Said } from './said.ts'
import { createDelivery, type Delivery, type SlowConsumerSettings } from './slow-consumer.ts'

const DEFAULTS: SlowConsumerSettings = {
  policy: 'block',
  maxQueuedBytes: 1024 * 1024,
  stallMs: 5000,
}

/** How much is gathered for one write. More brings nothing, and makes the bound of a queue vague. */
const MAX_PASSED_BYTES = 256 * 1024

/** One who is in a room: hears the others, and may say something. */
export interface Member extends Consumer {
  readonly delivery: Delivery
}

/**
 * Where the members of a relay meet, whatever transport they came by. What one says goes to all the
 * others and never back. Who comes later hears nothing of what was said before.
 */
export class Room {
  readonly #settings: SlowConsumerSettings
  readonly #members = new Set<Member>()
  /** Those who have not ended their side. */
  readonly #talkers = new Set<Member>()
  readonly #jam: Jam
  #said: Said<Member>[] = []
  #saidBytes = 0

  constructor(settings: Partial<SlowConsumerSettings> = {}) {
    this.#settings = { ...DEFAULTS, ...settings }
    this.#jam = new Jam(this.#settings.stallMs, {
      halt: () => {
        for (const { channel } of this.#talkers) channel.duplex.pause()
      },
      resume: () => {
        for (const { channel } of this.#talkers) channel.duplex.resume()
      },
    })
  }

  enter(consumer: Consumer): Member {
    this.#passOn()
    const member = { ...consumer, delivery: createDelivery(consumer, this.#settings, this.#jam) }
    this.#members.add(member)
    this.#talkers.add(member)
    if (this.#jam.isOn) consumer.channel.duplex.pause()
    return member
  }

  /**
   * Passes on what a member says, together with what else is said in this turn of the loop.
   *
   * @param messages what those who get messages hear of it. Default: the bytes as one
   */
  say(
    from: Member,
    bytes: Buffer,
    messages: () => readonly Message[] = () => [messageOf(bytes)],
  ): void {
    if (this.#said.length === 0) setImmediate(this.#passOn)
    this.#said.push(new Said(from, bytes, messages))
    this.#saidBytes += bytes.length
    if (this.#saidBytes >= MAX_PASSED_BYTES) this.#passOn()
  }

  /** One write for each member, however many have spoken: system calls are what a relay is made of. */
  #passOn = (): void => {
    const said = this.#said
    if (said.length === 0) return
    this.#said = []
    this.#saidBytes = 0
    const speakers = new Set(said.map(({ from }) => from))
    const forms = { stream: formOf(said, 'bytes'), message: formOf(said, 'framed') }
    for (const member of this.#members) {
      const others = speakers.has(member) ? said.filter(({ from }) => from !== member) : undefined
      const data = forms[member.framing ?? 'stream'](others)
      if (data.length > 0) member.delivery.send(data)
    }
  }

  /**
   * The member has ended its side: it says no more, and goes on hearing the others. When nobody is
   * left who could say something it is over for all of them.
   */
  fallSilent(member: Member): void {
    if (!this.#talkers.delete(member) || this.#talkers.size > 0) return
    this.#passOn()
    for (const { delivery } of this.#members) delivery.end()
    this.#members.clear()
  }

  leave(member: Member): void {
    this.#members.delete(member)
    member.delivery.close()
    this.fallSilent(member)
  }
}

/** Makes the function that puts together what some have said; all of it is put together once. */
function formOf(
  said: readonly Said<Member>[],
  form: 'bytes' | 'framed',
): (some: readonly Said<Member>[] | undefined) => Buffer {
  const join = (some: readonly Said<Member>[]): Buffer => joinBuffers(some.map(one => one[form]))
  let all: Buffer | undefined
  return some => {
    if (some !== undefined) return join(some)
    all ??= join(said)
    return all
  }
}
