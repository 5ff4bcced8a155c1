import { setTimeout as delay } from 'node:timers/promises'
import { type Transit, wrap } from '../channel/wrap.ts'
import type { Layer } from './types.ts'

/** A chunk goes out in slices of this much time, so that slow looks slow and not jerky. */
const SLICE_MS = 50

/** Slows each direction of a channel down to a rate. */
export function throttle(bytesPerSecond: number): Layer {
  return channel =>
    wrap(channel, { inbound: paced(bytesPerSecond), outbound: paced(bytesPerSecond) })
}

function paced(bytesPerSecond: number): Transit {
  const sliceBytes = Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1000))
  let freeAt = performance.now()
  return async (chunk, pass) => {
    for (let at = 0; at < chunk.length; at += sliceBytes) {
      const slice = chunk.subarray(at, at + sliceBytes)
      freeAt = Math.max(freeAt, performance.now()) + (slice.length / bytesPerSecond) * 1000
      await delay(freeAt - performance.now(), undefined, { ref: false })
      pass(slice)
    }
  }
}
