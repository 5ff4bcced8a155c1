import { formatDuration } from '../../units.ts'
import { isInetEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'
import { groupByHolder } from './groups.ts'
import { isLocal } from './socket-index.ts'
import type { Rule } from './types.ts'
import { connectionText, counted, endText, holderText, pidsOf, tally } from './words.ts'

/** Connections that may have been dead for long. */
export const idleWithoutKeepalive: Rule = {
  id: 'est.no-keepalive-idle',
  severity: 'note',
  title: 'Connections are silent for hours, and nothing checks that the peer is there',
  explanation:
    'Without keepalive a connection stays open for ever, even if the peer has lost its power or a firewall on the way has forgotten the connection. Nobody notices until something is sent.',
  check: situation => {
    const silent = situation.sockets
      .of('tcp', 'established')
      .filter(one => silenceMs(one) >= situation.thresholds.idle)
    return groupByHolder(silent, situation).map(({ records, ownership, pids }) => ({
      summary: `${holderText(ownership)} holds ${counted(records.length, 'connection')} that ${records.length === 1 ? 'is' : 'are'} silent for ${formatDuration(Math.min(...records.map(silenceMs)))} or more, without keepalive`,
      evidence: [`peers: ${tally(records.map(({ remote }) => endText(remote)))}`],
      advice: [
        {
          text: 'Turn keepalive on in the program (SO_KEEPALIVE; in Node: socket.setKeepAlive(true, 60000)), or give idle connections a time limit.',
        },
      ],
      sockets: records,
      pids,
    }))
  },
}

/** A socket that is connected to itself. */
export const selfConnect: Rule = {
  id: 'est.self-connect',
  severity: 'note',
  title: 'A socket is connected to itself',
  explanation:
    'While nobody listened, a client tried a port in the range from which its own port is drawn, drew that very port, and so met itself (simultaneous open, RFC 9293 §3.5). It looks like a connection, it gets back what it sends, and it keeps the server from starting.',
  check: situation =>
    situation.sockets
      .of('tcp', 'established')
      .filter(isToItself)
      .map(record => {
        const ownership = situation.ownershipOf(record)
        const { local } = record
        const port = isInetEnd(local) ? local.port : 0
        return {
          summary: `${holderText(ownership)} is connected to itself on ${endText(local)}`,
          evidence: [connectionText(record)],
          advice: [
            {
              text: 'In the program: compare both addresses after connect, and close such a connection.',
            },
            {
              text: `Give the server a port that the kernel does not lend out, or reserve ${port}:`,
              command: `sudo sysctl net.ipv4.ip_local_reserved_ports=${port}`,
            },
          ],
          sockets: [record],
          pids: pidsOf(ownership),
        }
      }),
}

/** How long neither end has said anything; 0 where something is under way, or checked, or local. */
function silenceMs(record: SocketRecord): number {
  if (record.timer !== undefined || record.inode === 0 || isLocal(record.local)) return 0
  const { lastDataSentMs, lastDataRecvMs } = record.tcp?.info ?? {}
  if (lastDataSentMs === undefined || lastDataRecvMs === undefined) return 0
  return Math.min(lastDataSentMs, lastDataRecvMs)
}

function isToItself({ local, remote }: SocketRecord): boolean {
  return (
    isInetEnd(local) &&
    isInetEnd(remote) &&
    local.port === remote.port &&
    local.host === remote.host
  )
}
