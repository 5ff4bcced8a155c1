import { Socket } from 'node:net'
import { SockctlError } from '../errors.ts'
import { formatDuration } from '../units.ts'
import type { Layer } from './types.ts'

/** Ends a channel with ERR_TIMEOUT when nothing has passed in either direction for a time. */
export function idleTimeout(idleMs: number): Layer {
  return channel => {
    const { duplex } = channel
    if (duplex instanceof Socket) {
      duplex.setTimeout(idleMs, () => {
        duplex.destroy(new SockctlError('ERR_TIMEOUT', `idle for ${formatDuration(idleMs)}`))
      })
    }
    return channel
  }
}
