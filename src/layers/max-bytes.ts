import { wrap } from '../channel/wrap.ts'
import { SockctlError } from '../errors.ts'
import { formatBytes } from '../units.ts'
import type { Layer } from './types.ts'

/** Ends a channel with ERR_LIMIT when the peer sends more than a number of bytes. */
export function maxBytes(most: number): Layer {
  return channel => {
    let received = 0
    return wrap(channel, {
      inbound(chunk, pass) {
        received += chunk.length
        if (received > most) {
          throw new SockctlError('ERR_LIMIT', `sent more than ${formatBytes(most)}`)
        }
        pass(chunk)
      },
    })
  }
}
