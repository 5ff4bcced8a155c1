import { closed } from '../channel/pump.ts'
import type { Handler } from './types.ts'

export interface ReplySettings {
  readonly data: Buffer
}

/**
 * Sends the same bytes to everybody, at once, and ends our side. What the peer sends is read and
 * dropped until it has ended too: closing over input that nobody has read would be a reset, and a
 * reset takes the reply along that is still on its way (RFC 2525 §2.17).
 */
export function reply({ data }: ReplySettings): Handler {
  return async ({ duplex }) => {
    duplex.resume()
    duplex.end(data)
    await closed(duplex)
  }
}
