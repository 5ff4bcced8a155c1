import { Jam } from './jam.ts'
import {
  type Consumer,
  createDelivery,
  type Delivery,
  type SlowConsumerSettings,
} from './slow-consumer.ts'

const DEFAULTS: SlowConsumerSettings = {
  policy: 'block',
  maxQueuedBytes: 1024 * 1024,
  stallMs: 5000,
}

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

  get size(): number {
    return this.#members.size
  }

  enter(consumer: Consumer): Member {
    const member = { ...consumer, delivery: createDelivery(consumer, this.#settings, this.#jam) }
    this.#members.add(member)
    this.#talkers.add(member)
    if (this.#jam.isOn) consumer.channel.duplex.pause()
    return member
  }

  /** Passes on what a member says. */
  say(from: Member, data: Buffer): void {
    for (const member of this.#members) {
      if (member !== from) member.delivery.send(data)
    }
  }

  /**
   * The member has ended its side: it says no more, and goes on hearing the others. When nobody is
   * left who could say something it is over for all of them.
   */
  fallSilent(member: Member): void {
    if (!this.#talkers.delete(member) || this.#talkers.size > 0) return
    for (const { delivery } of this.#members) delivery.end()
    this.#members.clear()
  }

  leave(member: Member): void {
    this.#members.delete(member)
    member.delivery.close()
    this.fallSilent(member)
  }
}
