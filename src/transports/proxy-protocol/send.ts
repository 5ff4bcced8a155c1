import type { Channel } from '../../channel/types.ts'
import type { Announced } from './types.ts'
import { formatV1 } from './v1.ts'
import { formatV2 } from './v2.ts'

/** Begins a conversation with a header of the PROXY protocol, and returns its channel. */
export function announce(channel: Channel, { version, ends }: Announced): Channel {
  const { local, remote } = channel
  const own = { source: local, destination: remote }
  const told = ends === 'unknown' ? undefined : (ends ?? own)
  channel.duplex.write(version === 1 ? formatV1(told) : formatV2(told))
  return channel
}
