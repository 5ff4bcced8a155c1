import type { PortUse } from '../../../../inspect/act/doors.ts'
import { type BindTrial, probeBinds, USUAL_HOSTS } from '../../../../inspect/explain/bind-probe.ts'
import { refusedHosts, unseenHosts } from '../../../../inspect/explain/refused-binds.ts'
import type { SocketRecord } from '../../../../inspect/types.ts'
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
  const protocols = (['tcp', 'udp'] as const).filter(one =>
    one === 'udp' ? flags.udp : flags.tcp || !flags.udp,
  )
  const doors = protocols.flatMap(protocol => USUAL_HOSTS.map(host => ({ protocol, host, port })))
  const trials = await probeBinds(doors)
  const left = remains.length === 0 ? undefined : leftOver(remains)
  const refused = refusedHosts(trials)
  // What TCP has left keeps nobody from UDP.
  const ofUdp = trials.filter((_, i) => doors[i]?.protocol === 'udp')
  const ofTcp = trials.filter(one => !ofUdp.includes(one))
  const unseen = new Set([...unseenHosts(ofTcp, port, remains), ...refusedHosts(ofUdp)])
  if (unseen.size > 0) {
    const reason = `binding ${joined([...unseen])} is refused (EADDRINUSE), though nobody is seen to hold it`
    say(`port ${port} is not free: ${reason}`)
    say(`Who could have it: sockctl inspect ${port}`)
    return { ...result, outcome: 'still-held', reason }
  }
  const untried = refused.length > 0 ? undefined : untriedAmong(trials)
  if (untried !== undefined) {
    const seen = left === undefined ? 'nobody is seen to hold it' : nothingBut(left)
    const reason = `${seen}, but no bind shows that: ${untriedText(untried)}`
    say(`port ${port}: ${reason}`)
    if (untried.result === 'denied') sayAsRoot([port], session)
    else say(`What stands in the way: sockctl inspect ${port}`)
    return { ...result, outcome: 'unproven', reason }
  }
  if (left === undefined) {
    say(`nothing holds port ${port}`)
    return { ...result, outcome: 'nothing' }
  }
  const { what, over, freeInMs } = left
  say(
    refused.length > 0
      ? `port ${port} is not free: ${what} keeps it for ${over} more, and there is no process to stop`
      : `nothing holds port ${port} but ${what}, which keeps no server away: over in ${over}`,
  )
  return { ...result, outcome: 'time-wait', freeInMs }
}

/** What only the kernel still has of connections, and until when. */
interface LeftOver {
  readonly what: string
  readonly over: string
  readonly freeInMs: number
}

function leftOver(remains: readonly SocketRecord[]): LeftOver {
  const freeInMs = Math.max(0, ...remains.map(({ timer }) => timer?.expiresInMs ?? 0))
  const what = `what is left of ${formatCount(remains.length, 'connection')} (TIME-WAIT)`
  return { what, over: formatDuration(freeInMs), freeInMs }
}

function nothingBut({ what, over }: LeftOver): string {
  return `nothing is seen but ${what}, over in ${over}`
}

/** A trial for which nothing can be said; a family that this machine does not have needs none. */
function untriedAmong(trials: readonly BindTrial[]): BindTrial | undefined {
  const isAbsent = ({ result }: BindTrial): boolean =>
    result === 'not-local' || result === 'unsupported'
  const untried = trials.find(one => one.result !== 'ok' && !isAbsent(one))
  return untried ?? (trials.some(({ result }) => result === 'ok') ? undefined : trials[0])
}
