import type { Framing } from '../channel/framing.ts'
import { join } from '../channel/join.ts'
import { asStream } from '../channel/reframe.ts'
import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { Endpoint } from '../endpoint/types.ts'
import { SockctlError, systemError, usageError } from '../errors.ts'
import type { Handler, HandlerContext } from './types.ts'

export interface ForwardSettings {
  /** Where to. Several take turns, and the next one steps in for one that cannot be reached. */
  readonly targets: readonly Endpoint[]
}

/**
 * Connects each peer to a target and joins the two: half-close, back-pressure and resets pass in
 * both directions. When no target can be reached the peer is reset, for there is no answer to end.
 *
 * @throws ERR_USAGE without targets
 */
export function forward({ targets }: ForwardSettings): Handler {
  if (targets.length === 0) throw usageError('there is no target to forward to')
  let turn = 0
  return async (channel, context) => {
    const start = turn++ % targets.length
    const inOrder = [...targets.slice(start), ...targets.slice(0, start)]
    const { target, upstream } = await dialFirst(inOrder, context)
    try {
      await joinAny(channel, upstream, context.framing ?? 'chunks')
    } catch (error) {
      // Else it would read as if the peer had broken it off.
      throw error === upstream.duplex.errored ? systemError(formatEndpoint(target), error) : error
    }
  }
}

/** Messages meet messages as they are; where one side has only bytes, both are streams. */
function joinAny(a: Channel, b: Channel, framing: Framing): Promise<void> {
  if (a.framing === b.framing) return join(a, b)
  // What is forwarded is somebody's protocol: that a part of it can be read does not make it text.
  const kind = framing === 'chunks' ? 'binary' : undefined
  return join(asStream(a, framing, kind), asStream(b, framing, kind))
}

/** Connects to the first target that answers; throws what the last one said when none does. */
async function dialFirst(
  targets: readonly Endpoint[],
  context: HandlerContext,
): Promise<{ readonly target: Endpoint; readonly upstream: Channel }> {
  for (const [index, target] of targets.entries()) {
    try {
      const upstream = await context.dial(target)
      if (targets.length > 1) context.note(`forwarding to ${formatEndpoint(target)}`)
      return { target, upstream }
    } catch (error) {
      const isLast = index === targets.length - 1
      if (isLast || !(error instanceof SockctlError)) throw error
      context.note(error.message)
    }
  }
  throw new Error('no target')
}
