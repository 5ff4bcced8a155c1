import type { Duplex } from 'node:stream'
import { closed } from '../channel/pump.ts'
import type { Handler } from './types.ts'

/**
 * Accepts and then does nothing: never reads, never answers, never closes. What a server looks like
 * that is stuck: its clients wait, and what they have sent stands in the receive queue.
 */
export function hang(): Handler {
  return async ({ duplex }) => {
    stopReading(duplex)
    await closed(duplex)
  }
}

/**
 * Leaves what comes to the kernel. Pausing a stream would not do: Node has asked for its first 64
 * KiB when the socket was made, and only the handle below can take that back.
 */
function stopReading(duplex: Duplex & { readonly _handle?: { readStop?(): void } | null }): void {
  duplex.pause()
  duplex._handle?.readStop?.()
}
