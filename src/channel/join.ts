import { closed, pump } from './pump.ts'
import type { Channel } from './types.ts'

/**
 * Joins two channels into one conversation until both are over: what arrives on one goes out on the
 * other, back-pressure is kept, the end of a side is passed on as a half-close while the other side
 * goes on, and a reset of one becomes a reset of the other.
 *
 * Rejects with the error that broke the conversation off.
 */
export async function join(a: Channel, b: Channel): Promise<void> {
  const both = [endWith(a, b), endWith(b, a)]
  pump(a.duplex, b.duplex)
  pump(b.duplex, a.duplex)
  const broken = (await Promise.allSettled(both)).find(one => one.status === 'rejected')
  if (broken !== undefined) throw broken.reason
}

/** Waits for the end of a channel; one that breaks off, or closes half-way, takes the other along. */
async function endWith(channel: Channel, other: Channel): Promise<void> {
  try {
    await closed(channel.duplex)
  } catch (error) {
    other.reset()
    throw error
  }
  const { readableEnded, writableFinished } = channel.duplex
  if (!readableEnded || !writableFinished) other.reset()
}
