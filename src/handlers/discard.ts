import { closed } from '../channel/pump.ts'
import { isRaw } from '../channel/types.ts'
import type { Handler } from './types.ts'

/** Reads and drops what arrives, until the peer ends its side (RFC 863). */
export function discard(): Handler {
  return async ({ duplex }) => {
    duplex.on('end', () => duplex.end())
    if (isRaw(duplex)) duplex.receive(() => true)
    else duplex.resume()
    await closed(duplex)
  }
}
