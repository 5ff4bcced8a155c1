import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { errnoOf } from '../../errors.ts'
import { isInetEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'

/** `free`, or the errno by which the system refused: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export type BindVerdict = 'free' | (string & {})

/** A socket is closed a moment after its process, when others had it open: io_uring, threads. */
const MOST_TRIES = 10
const TRY_EVERY_MS = 50

/**
 * Tries whether an address can be bound again, as a server would: with SO_REUSEADDR for TCP, which
 * looks past TIME_WAIT, and listening. What is opened is closed at once.
 */
export async function trialBind(
  record: Pick<SocketRecord, 'protocol' | 'local' | 'ip'>,
  triesLeft = MOST_TRIES,
): Promise<BindVerdict> {
  const { protocol, local, ip } = record
  if (!isInetEnd(local)) return 'EAFNOSUPPORT'
  const door = { host: local.host, port: local.port, ipv6Only: ip?.isV6only ?? false }
  try {
    await (protocol === 'udp' ? bindUdp(door) : bindTcp(door))
    return 'free'
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    if (errno !== 'EADDRINUSE' || triesLeft <= 1) return errno
    await delay(TRY_EVERY_MS)
    return trialBind(record, triesLeft - 1)
  }
}

interface Door {
  readonly host: string
  readonly port: number
  readonly ipv6Only: boolean
}

async function bindTcp(door: Door): Promise<void> {
  const server = createServer(socket => socket.destroy())
  server.listen({ ...door, exclusive: true })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

async function bindUdp({ host, port, ipv6Only }: Door): Promise<void> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only })
  try {
    socket.bind({ address: host, port, exclusive: true })
    await once(socket, 'listening')
  } finally {
    socket.close()
  }
}
