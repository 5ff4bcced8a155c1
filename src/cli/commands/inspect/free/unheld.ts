import type { PortUse } from '../../../../inspect/act/doors.ts'
import { probeBinds, USUAL_HOSTS } from '../../../../inspect/explain/bind-probe.ts'
import { refusedHosts } from '../../../../inspect/explain/refused-binds.ts'
import { joined } from '../../../../inspect/views/report-words.ts'
import { formatCount, formatDuration } from '../../../../units.ts'
import type { FreeResult } from './results.ts'
import type { FreeSession } from './session.ts'
import { connectionsText } from './words.ts'

/**
 * Says what stands on a port that nobody is seen to listen on, so that nobody is stopped. That nothing
 * does is said only when it can be bound.
 */
export async function explainUnheld(
  { port, connections, remains }: PortUse,
  { flags, say }: FreeSession,
): Promise<FreeResult> {
  const result = { action: 'free' as const, ports: [port] }
  if (connections.length > 0) {
    say(
      `nobody listens on port ${port}, so nobody was stopped: ${connectionsText(connections)} uses it, and ends by itself`,
    )
    return { ...result, outcome: 'in-use' }
  }
  if (remains.length > 0) {
    const freeInMs = Math.max(0, ...remains.map(({ timer }) => timer?.expiresInMs ?? 0))
    const rest = formatCount(remains.length, 'connection')
    say(
      `nothing holds port ${port} but what is left of ${rest} (TIME-WAIT): over in ${formatDuration(freeInMs)}, and no process to stop`,
    )
    return { ...result, outcome: 'time-wait', freeInMs }
  }
  const protocols = (['tcp', 'udp'] as const).filter(one =>
    one === 'udp' ? flags.udp : flags.tcp || !flags.udp,
  )
  const doors = protocols.flatMap(protocol => USUAL_HOSTS.map(host => ({ protocol, host, port })))
  const refused = refusedHosts(await probeBinds(doors))
  if (refused.length === 0) {
    say(`nothing holds port ${port}`)
    return { ...result, outcome: 'nothing' }
  }
  const reason = `binding ${joined(refused)} is refused (EADDRINUSE), though nobody is seen to hold it`
  say(`port ${port} is not free: ${reason}`)
  say(`Who could have it: sockctl inspect ${port}`)
  return { ...result, outcome: 'still-held', reason }
}
