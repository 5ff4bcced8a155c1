import { isIP } from 'node:net'
import type { Systeminformation } from 'systeminformation'
import type { InetAddress } from '../../address.ts'
import type { Owner, SocketRecord, SocketState } from '../types.ts'
import { inodelessRecord } from './inodeless-record.ts'
import { hasRemote } from './kernel-numbers.ts'

type Connection = Systeminformation.NetworkConnectionsData

/**
 * Turns what systeminformation read from netstat into records. Each has its process with it, if it
 * has any, as there are no inodes to look it up by.
 *
 * @returns also how many lines could not be understood: addresses cut off, states in words of a
 *   language that is not known
 */
export function recordsOfConnections(connections: readonly Connection[]): {
  readonly records: readonly SocketRecord[]
  readonly unknown: number
} {
  const records = connections.map(recordOf).filter(record => record !== undefined)
  return { records, unknown: connections.length - records.length }
}

function recordOf(connection: Connection): SocketRecord | undefined {
  const [, protocol, version] = /^(tcp|udp)(4|6|46)?$/i.exec(connection.protocol) ?? []
  if (protocol === undefined) return undefined
  const family = version?.includes('6') || connection.localAddress.includes(':') ? 'ipv6' : 'ipv4'
  const local = addressOf(connection.localAddress, connection.localPort, family)
  const remote = addressOf(connection.peerAddress, connection.peerPort, family)
  const isTcp = protocol.toLowerCase() === 'tcp'
  const state = isTcp ? tcpState(connection) : remote?.port ? 'established' : 'unconnected'
  if (local === undefined || state === undefined) return undefined
  if (hasRemote(state) && remote === undefined) return undefined
  return inodelessRecord({
    protocol: isTcp ? 'tcp' : 'udp',
    family,
    state,
    local,
    remote,
    owners: ownersOf(connection),
  })
}

/** netstat writes `*`, and no port or `*` or 0, for those that stand for any. */
function addressOf(
  host: string,
  port: string,
  family: InetAddress['family'],
): InetAddress | undefined {
  const literal = host === '*' ? (family === 'ipv4' ? '0.0.0.0' : '::') : host
  const number = port === '*' || port === '' ? 0 : Number(port)
  const isWhole = isIP(literal.replace(/%.*/, '')) !== 0 && number >= 0 && number <= 65_535
  return isWhole ? { family, host: literal, port: number } : undefined
}

/** The words of netstat on each system, without the signs between them. */
const STATES: ReadonlyMap<string, SocketState> = new Map(
  Object.entries({
    established: 'established',
    estab: 'established',
    synsent: 'syn-sent',
    synrecv: 'syn-recv',
    synrcvd: 'syn-recv',
    synreceived: 'syn-recv',
    finwait1: 'fin-wait-1',
    finwait2: 'fin-wait-2',
    timewait: 'time-wait',
    close: 'unconnected',
    closed: 'unconnected',
    bound: 'bound-inactive',
    closewait: 'close-wait',
    lastack: 'last-ack',
    listen: 'listen',
    listening: 'listen',
    closing: 'closing',
  } as const),
)

/**
 * Windows writes the states in its language: of those that are not known only a listener can be
 * told, by its other end. `UNKNOWN` is what systeminformation makes of others.
 */
function tcpState({ state, peerPort }: Connection): SocketState | undefined {
  const known = STATES.get(state.toLowerCase().replaceAll(/[-_ ]/g, ''))
  return known ?? (state !== 'UNKNOWN' && peerPort === '0' ? 'listen' : undefined)
}

/** The name is what is known of the command line; on Windows nothing is. */
function ownersOf({ pid, process: name }: Connection): readonly Owner[] {
  return pid > 0 ? [{ pid, fd: undefined, name: name === '' ? '?' : name }] : []
}
