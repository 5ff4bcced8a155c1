import type { Address } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'

/** What a child is told about its conversation, in our names and in those that scripts know. */
export function conversationEnvironment(
  channel: Channel,
  id: number,
): Readonly<Record<string, string | undefined>> {
  const { remote, local } = channel
  const proto = remote.family === 'unix' ? 'unix' : 'tcp'
  return {
    SOCKCTL_CONNECTION_ID: String(id),
    SOCKCTL_PROTO: proto,
    // Undefined where nobody asked who it is: what we were given ourselves must not pass for it.
    SOCKCTL_USER: channel.facts.user,
    SOCKCTL_REMOTE_ADDR: hostOf(remote),
    SOCKCTL_REMOTE_PORT: portOf(remote),
    SOCKCTL_LOCAL_ADDR: hostOf(local),
    SOCKCTL_LOCAL_PORT: portOf(local),
    NCAT_PROTO: proto.toUpperCase(),
    NCAT_REMOTE_ADDR: hostOf(remote),
    NCAT_REMOTE_PORT: portOf(remote),
    NCAT_LOCAL_ADDR: hostOf(local),
    NCAT_LOCAL_PORT: portOf(local),
  }
}

function hostOf(address: Address): string {
  return address.family === 'unix' ? address.path : address.host
}

/** Undefined where there is none: the variable is then left out, even if we were given it. */
function portOf(address: Address): string | undefined {
  return address.family === 'unix' ? undefined : String(address.port)
}
