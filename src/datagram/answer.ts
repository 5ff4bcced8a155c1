import { formatAddress, type InetAddress } from '../address.ts'
import type { Datagram } from '../transports/udp/types.ts'

/** Why a datagram is not answered. */
export interface AnswerRefusal {
  readonly reason: 'no-return' | 'loop' | 'amplification'
  /** A sentence for people. */
  readonly text: string
}

/**
 * Services that answer whatever comes, also an answer: two of them never stop once somebody has
 * sent the first one in the other's name (CERT/CC VU#417980, "loop DoS").
 */
const ANSWERING_SERVICES: Readonly<Record<number, string>> = {
  7: 'echo',
  11: 'systat',
  13: 'daytime',
  17: 'qotd',
  19: 'chargen',
  37: 'time',
  53: 'domain',
  69: 'tftp',
  123: 'ntp',
}

/**
 * Decides whether answering a datagram could hurt somebody. Its sender's address may be forged, so
 * the answer goes to whoever stands there.
 *
 * @returns undefined when it may be answered
 */
export function refuseAnswer(
  request: Pick<Datagram, 'data' | 'local' | 'remote'>,
  replyBytes: number,
  isExposed: boolean,
): AnswerRefusal | undefined {
  const { data, local, remote } = request
  if (remote.port === 0) {
    return { reason: 'no-return', text: 'its source port is 0: nothing can be sent there' }
  }
  const service = ANSWERING_SERVICES[remote.port]
  if (service !== undefined) {
    const text = `its source port ${remote.port} (${service}) answers everything: the two would never stop`
    return { reason: 'loop', text }
  }
  if (isSame(local, remote)) {
    return { reason: 'loop', text: `it claims to come from ${formatAddress(local)} itself` }
  }
  if (isExposed && replyBytes > data.length) {
    const text = `the reply (${replyBytes} B) is longer than what came (${data.length} B), which a network could be attacked with`
    return { reason: 'amplification', text }
  }
  return undefined
}

function isSame(a: InetAddress, b: InetAddress): boolean {
  return a.host === b.host && a.port === b.port
}
