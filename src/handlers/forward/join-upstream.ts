import type { Framing } from '../../channel/framing.ts'
import { join } from '../../channel/join.ts'
import { asStream } from '../../channel/reframe.ts'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { Endpoint } from '../../endpoint/types.ts'
import { systemError } from '../../errors.ts'

/** A connection that was opened for a peer, and where to. */
export interface Upstream {
  readonly channel: Channel
  readonly endpoint: Endpoint
}

/**
 * Joins a peer and what was opened for it until both are over. Messages meet messages as they are;
 * where one side has only bytes, both are streams.
 *
 * Rejects with what broke it off; it names the upstream where that did.
 */
export async function joinUpstream(
  peer: Channel,
  { channel, endpoint }: Upstream,
  framing: Framing = 'chunks',
): Promise<void> {
  try {
    await joinAny(peer, channel, framing)
  } catch (error) {
    // Else it would read as if the peer had broken it off.
    throw error === channel.duplex.errored ? systemError(formatEndpoint(endpoint), error) : error
  }
}

function joinAny(a: Channel, b: Channel, framing: Framing): Promise<void> {
  if (a.framing === b.framing) return join(a, b)
  // What is forwarded is somebody's protocol: that a part of it can be read does not make it text.
  const kind = framing === 'chunks' ? 'binary' : undefined
  return join(asStream(a, framing, kind), asStream(b, framing, kind))
}
