import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { Endpoint } from '../endpoint/types.ts'
import { SockctlError, usageError } from '../errors.ts'
import { Health } from './forward/health.ts'
import { joinUpstream } from './forward/join-upstream.ts'
import { type Balance, type Target, Targets } from './forward/targets.ts'
import type { Handler, HandlerContext } from './types.ts'

export interface ForwardSettings {
  /** Where to. The next one steps in for one that cannot be reached. */
  readonly targets: readonly Endpoint[]
  /** How several share the work. Default: they take turns. */
  readonly balance?: Balance | undefined
  /**
   * How often each is asked whether it is there, in ms; one that is not is left out until it answers.
   * Default: never asked, and each is tried whenever it is its turn.
   */
  readonly healthMs?: number | undefined
}

/**
 * Connects each peer to a target and joins the two: half-close, back-pressure and resets pass in
 * both directions. When no target can be reached the peer is reset, for there is no answer to end.
 *
 * @throws ERR_USAGE without targets
 */
export function forward({ targets: endpoints, balance, healthMs }: ForwardSettings): Handler {
  if (endpoints.length === 0) throw usageError('there is no target to forward to')
  const targets = new Targets(endpoints, balance)
  const health = healthMs === undefined ? undefined : new Health(healthMs)
  const serve: Handler = async (channel, context) => {
    const { target, upstream } = await dialFirst(targets.orderFor(channel.remote), context, health)
    try {
      const { endpoint } = target
      await joinUpstream(channel, { channel: upstream, endpoint }, context.framing)
    } finally {
      target.open--
    }
  }
  if (health === undefined) return serve
  return Object.assign(serve, {
    begin: (session: Parameters<Health['watch']>[1]) => health.watch(targets.all, session),
  })
}

/** Connects to the first target that answers; throws what the last one said when none does. */
async function dialFirst(
  targets: readonly Target[],
  context: HandlerContext,
  health: Health | undefined,
): Promise<{ readonly target: Target; readonly upstream: Channel }> {
  for (const [index, target] of targets.entries()) {
    target.open++
    try {
      const upstream = await context.dial(target.endpoint)
      if (targets.length > 1) context.note(`forwarding to ${formatEndpoint(target.endpoint)}`)
      return { target, upstream }
    } catch (error) {
      target.open--
      if (!(error instanceof SockctlError)) throw error
      health?.failed(target, error)
      if (index === targets.length - 1) throw error
      context.note(error.message)
    }
  }
  throw new Error('no target')
}
