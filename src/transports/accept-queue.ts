import type { Channel } from '../channel/types.ts'

/** Channels that have come and wait to be taken: what iterating a listener gives. */
export class AcceptQueue implements AsyncIterator<Channel> {
  readonly #channels: Channel[] = []
  #awaited: ((result: IteratorResult<Channel>) => void) | undefined
  #isOver = false

  add(channel: Channel): void {
    const awaited = this.#awaited
    this.#awaited = undefined
    if (awaited === undefined) this.#channels.push(channel)
    else awaited({ done: false, value: channel })
  }

  /** No more will come. What waits can still be taken. */
  end(): void {
    this.#isOver = true
    this.#awaited?.({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<Channel>> {
    const channel = this.#channels.shift()
    if (channel !== undefined) return Promise.resolve({ done: false, value: channel })
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined })
    return new Promise(resolve => {
      this.#awaited = resolve
    })
  }
}
