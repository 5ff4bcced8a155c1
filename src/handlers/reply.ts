import { messageOf } from '../channel/framing.ts'
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
  return async ({ duplex, framing }) => {
    duplex.resume()
    duplex.end(framing === 'message' ? messageOf(data) : data)
    await closed(duplex)
  }
}
