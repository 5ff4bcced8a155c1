import { constants } from 'node:os'
import { SockctlError } from '../../errors.ts'
import { loadLibc } from '../../native/libc.ts'
import { isInetEnd } from '../ends.ts'
import { addressBytes } from '../select/address-block.ts'
import { PROTOCOL_BYTES } from '../sources/inet-diag.ts'
import { act, type NetlinkLibc } from '../sources/netlink.ts'
import { LITTLE_ENDIAN } from '../sources/netlink-message.ts'
import type { SocketRecord } from '../types.ts'

/** What became of a connection that was to be ended. */
export type DestroyOutcome =
  | 'closed'
  | 'vanished' // it was gone before
  | 'denied'
  | 'unsupported' // the kernel is built without it, or cannot for such a socket
  | 'failed'

/** linux/sock_diag.h, linux/socket.h. */
const SOCK_DESTROY = 21
const AF_INET = 2
const AF_INET6 = 10

/** MPTCP is not among them: it has no such request. */
const DESTROYABLE = ['tcp', 'udp', 'udplite'] as const

/**
 * Whether a connection can be ended by itself: it has another end, and the kernel has told its cookie,
 * without which another socket could be hit. Listeners, and what waits for whoever comes, are never.
 */
export function isDestroyable(record: SocketRecord): boolean {
  const { protocol, state, local, remote, cookie } = record
  return (
    DESTROYABLE.some(one => one === protocol) &&
    state !== 'listen' &&
    state !== 'bound-inactive' &&
    state !== 'unconnected' &&
    isInetEnd(local) &&
    isInetEnd(remote) &&
    cookie !== undefined
  )
}

/**
 * Ends these connections, one after the other; what the user may not do is tried once only.
 *
 * @throws ERR_UNSUPPORTED when the kernel cannot be asked
 */
export async function destroySockets(
  records: readonly SocketRecord[],
): Promise<ReadonlyMap<SocketRecord, DestroyOutcome>> {
  const load = await loadLibc()
  if ('missing' in load) {
    throw new SockctlError('ERR_UNSUPPORTED', `cannot end connections: ${load.missing}`)
  }
  const outcomes = new Map<SocketRecord, DestroyOutcome>()
  for (const record of records) {
    const outcome = destroySocket(load.libc, record)
    outcomes.set(record, outcome)
    if (outcome === 'denied') break
  }
  return outcomes
}

/**
 * Ends a connection: its process gets ECONNABORTED, the other end a reset (RFC 9293). The cookie goes
 * along always. Without it the kernel takes the listener of the local port when the connection has
 * just gone; with it, it says ENOENT.
 *
 * struct inet_diag_req_v2 with inet_diag_sockid, as in `inetDump`; the addresses stand as in the
 * record, for UDP too, where asking for a socket has them the other way round.
 *
 * @throws ERR_DENIED, ERR_SYSTEM when the kernel cannot be asked at all
 */
export function destroySocket(libc: NetlinkLibc, record: SocketRecord): DestroyOutcome {
  if (!isDestroyable(record)) return 'unsupported'
  const errno = act(libc, {
    attempt: 'cannot end a connection',
    type: SOCK_DESTROY,
    payload: destroyPayload(record),
  })
  return errno === 0 ? 'closed' : (OUTCOMES[errno] ?? 'failed')
}

const { ENOENT, EPERM, EOPNOTSUPP } = constants.errno
const OUTCOMES: Readonly<Record<number, DestroyOutcome>> = {
  [ENOENT]: 'vanished',
  [EPERM]: 'denied',
  [EOPNOTSUPP]: 'unsupported',
}

function destroyPayload({
  protocol,
  family,
  local,
  remote,
  interfaceIndex = 0,
  cookie = 0n,
}: SocketRecord): Uint8Array {
  const payload = new Uint8Array(56)
  const fields = new DataView(payload.buffer)
  payload[0] = family === 'ipv4' ? AF_INET : AF_INET6
  payload[1] = PROTOCOL_BYTES[protocol as (typeof DESTROYABLE)[number]]
  fields.setUint32(4, EVERY_STATE, LITTLE_ENDIAN)
  for (const [end, port, host] of [
    [local, 8, 12],
    [remote, 10, 28],
  ] as const) {
    if (!isInetEnd(end)) continue
    fields.setUint16(port, end.port)
    payload.set(addressBytes(family === 'ipv4' ? 'ipv4' : 'ipv6', end.host) ?? [], host)
  }
  fields.setUint32(44, interfaceIndex, LITTLE_ENDIAN)
  // As a record has it: two numbers of 32 bits that lie as one of 64 does on this machine.
  fields.setBigUint64(48, cookie, LITTLE_ENDIAN)
  return payload
}

const EVERY_STATE = 0xffffffff
