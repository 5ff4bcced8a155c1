import type { TcpInfo } from '../../socket-details.ts'
import type { SocketRecord } from '../../types.ts'
import { durationCell, NONE } from './cells.ts'
import type { Column } from './types.ts'

/** What the numbers of a TCP connection mean together, and what works beside it in the kernel. */
export const TCP_COLUMNS = {
  congestion: {
    key: 'congestion',
    heading: 'CONG',
    type: 'string',
    text: 'Its congestion control: cubic, bbr ...',
    standsIn: 'json and csv',
    needs: { details: ['congestion'] },
    value: record => record.tcp?.congestion,
  },
  congestionState: {
    key: 'congestionState',
    heading: 'CONG-STATE',
    type: 'object',
    text: "What that one tells of itself, by the kernel's names",
    standsIn: 'json',
    needs: { details: ['congestion'] },
    value: record => record.tcp?.congestionState,
  },
  limitedBy: {
    key: 'limitedBy',
    heading: 'LIMITED',
    type: 'string',
    text:
      'Why it sends no faster: receive-window (the peer does not read), send-buffer (too small), ' +
      'application (writes no faster); in a table with the share of the time',
    standsIn: 'json and csv',
    needs: { details: ['tcp-info'] },
    value: record => limitOf(infoOf(record))?.by,
    cell: record => limitCell(limitOf(infoOf(record))),
  },
  idleMs: {
    key: 'idleMs',
    heading: 'IDLE',
    type: 'number',
    text: 'Since data was last sent or received',
    standsIn: 'json and csv',
    needs: { details: ['tcp-info'] },
    align: 'right',
    value: record => idleMs(infoOf(record)),
    cell: record => durationCell(idleMs(infoOf(record))),
  },
  tcpOptions: {
    key: 'tcpOptions',
    heading: 'TCP-OPTIONS',
    type: 'array',
    text: 'What both ends agreed on: ts, sack, wscale, ecn ...',
    standsIn: 'json and csv',
    needs: { details: ['tcp-info'] },
    value: record => infoOf(record)?.options,
  },
  upperProtocol: {
    key: 'upperProtocol',
    heading: 'UPPER',
    type: 'string',
    text: 'The protocol on top of it in the kernel: tls, mptcp, smc',
    standsIn: 'json and csv',
    needs: { details: ['tcp-info'] },
    value: record => record.tcp?.upperProtocol,
  },
} as const satisfies Readonly<Record<string, Column>>

/** What keeps a connection from sending faster, and for which share of its busy time. */
export interface Limit {
  readonly by: 'receive-window' | 'send-buffer' | 'application'
  /** 0 to 1. Undefined: the kernel tells only that it is so now. */
  readonly share: number | undefined
}

/**
 * What limits a connection. A window or a buffer counts from a hundredth of the time; that the
 * application writes no faster is true of nearly all, so it is told last, and not where it never
 * wrote.
 */
export function limitOf(info: TcpInfo | undefined): Limit | undefined {
  if (info === undefined) return undefined
  const { busyTimeUs, rwndLimitedUs = 0, sndbufLimitedUs = 0, isAppLimited, bytesSent } = info
  const longest = Math.max(rwndLimitedUs, sndbufLimitedUs)
  if (busyTimeUs !== undefined && longest > 0 && longest >= busyTimeUs / 100) {
    const by = rwndLimitedUs >= sndbufLimitedUs ? 'receive-window' : 'send-buffer'
    return { by, share: Math.min(1, longest / busyTimeUs) }
  }
  return isAppLimited && bytesSent !== 0 ? { by: 'application', share: undefined } : undefined
}

const LIMIT_LABELS = {
  'receive-window': 'rwnd',
  'send-buffer': 'sndbuf',
  application: 'app',
} as const

function limitCell(limit: Limit | undefined): string {
  if (limit === undefined) return NONE
  const label = LIMIT_LABELS[limit.by]
  return limit.share === undefined ? label : `${label}:${Math.round(limit.share * 100)}%`
}

/** How long nothing was sent or received; undefined where the kernel does not tell both. */
export function idleMs(info: TcpInfo | undefined): number | undefined {
  const { lastDataSentMs: sent, lastDataRecvMs: received } = info ?? {}
  return sent === undefined || received === undefined ? undefined : Math.min(sent, received)
}

/** What the kernel tells of a connection. Of a listener it fills the same fields with noughts. */
export function infoOf({ state, tcp }: SocketRecord): TcpInfo | undefined {
  return state === 'listen' ? undefined : tcp?.info
}
