import type { Address } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import type { HandlerContext } from '../types.ts'

/**
 * What a child is told about its conversation: in our names, and in those of ncat with what ncat says
 * there, for the scripts that know them.
 */
export function conversationEnvironment(
  channel: Channel,
  { id, scheme }: Pick<HandlerContext, 'id' | 'scheme'>,
): Readonly<Record<string, string | undefined>> {
  const { remote, local } = channel
  return {
    SOCKCTL_CONNECTION_ID: String(id),
    SOCKCTL_PROTO: scheme,
    // Undefined where nobody asked who it is: what we were given ourselves must not pass for it.
    SOCKCTL_USER: channel.facts.user,
    SOCKCTL_REMOTE_ADDR: hostOf(remote),
    SOCKCTL_REMOTE_PORT: portOf(remote),
    SOCKCTL_LOCAL_ADDR: hostOf(local),
    SOCKCTL_LOCAL_PORT: portOf(local),
    // Of ncat 7.93: TLS is TCP, and so is a unix socket, from localhost.
    NCAT_PROTO: scheme === 'udp' ? 'UDP' : 'TCP',
    NCAT_REMOTE_ADDR: remote.family === 'unix' ? 'localhost' : remote.host,
    NCAT_REMOTE_PORT: portOf(remote) ?? '',
    NCAT_LOCAL_ADDR: local.family === 'unix' ? 'localhost' : local.host,
    NCAT_LOCAL_PORT: portOf(local) ?? '',
  }
}

function hostOf(address: Address): string {
  return address.family === 'unix' ? address.path : address.host
}

/** Undefined where there is none: the variable is then left out, even if we were given it. */
function portOf(address: Address): string | undefined {
  return address.family === 'unix' ? undefined : String(address.port)
}
