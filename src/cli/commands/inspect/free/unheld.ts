import type { PortUse } from '../../../../inspect/act/doors.ts'
import { type BindTrial, probeBinds, USUAL_HOSTS } from '../../../../inspect/explain/bind-probe.ts'
import { refusedHosts } from '../../../../inspect/explain/refused-binds.ts'
import { joined } from '../../../../inspect/views/report-words.ts'
import { formatCount, formatDuration } from '../../../../units.ts'
import type { FreeResult } from './results.ts'
import { type FreeSession, sayAsRoot } from './session.ts'
import { connectionsText, untriedText } from './words.ts'

/**
 * Says what stands on a port that nobody is seen to listen on, so that nobody is stopped. That nothing
 * does is said only when it can be bound.
 */
export async function explainUnheld(
  { port, connections, remains }: PortUse,
  session: FreeSession,
): Promise<FreeResult> {
  const { flags, say } = session
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
  const trials = await probeBinds(doors)
  const refused = refusedHosts(trials)
  if (refused.length === 0) {
    const untried = untriedAmong(trials)
    if (untried === undefined) {
      say(`nothing holds port ${port}`)
      return { ...result, outcome: 'nothing' }
    }
    const reason = `nobody is seen to hold it, but no bind shows that: ${untriedText(untried)}`
    say(`port ${port}: ${reason}`)
    if (untried.result === 'denied') sayAsRoot([port], session)
    else say(`What stands in the way: sockctl inspect ${port}`)
    return { ...result, outcome: 'unproven', reason }
  }
  const reason = `binding ${joined(refused)} is refused (EADDRINUSE), though nobody is seen to hold it`
  say(`port ${port} is not free: ${reason}`)
  say(`Who could have it: sockctl inspect ${port}`)
  return { ...result, outcome: 'still-held', reason }
}

/** A trial for which nothing can be said; a family that this machine does not have needs none. */
function untriedAmong(trials: readonly BindTrial[]): BindTrial | undefined {
  const isAbsent = ({ result }: BindTrial): boolean =>
    result === 'not-local' || result === 'unsupported'
  const untried = trials.find(one => one.result !== 'ok' && !isAbsent(one))
  return untried ?? (trials.some(({ result }) => result === 'ok') ? undefined : trials[0])
}
