import { closed, pump } from '../channel/pump.ts'
import type { Handler } from './types.ts'

/** Sends back what arrives, until the peer ends its side (RFC 862). */
export function echo(): Handler {
  return async channel => {
    pump(channel.duplex, channel.duplex)
    await closed(channel.duplex)
  }
}
