import type { Socket } from 'node:dgram'
import { type InetAddress, inetAddress, isIPv6, isWildcard } from '../../address.ts'
import { systemError, usageError } from '../../errors.ts'
import type { Destination } from './destination.ts'
import { AMPLE_RECEIVE_BYTES, bind, createSocketFor, localAddress, setBuffers } from './socket.ts'

export interface SendSocketOptions {
  readonly localHost?: string | undefined
  readonly localPort?: number | undefined
  /** Hears answers from other addresses than the destination too; refusals are not heard then. */
  readonly anyPeer?: boolean | undefined
  /** How many routers a datagram may pass (IP_TTL, IPV6_UNICAST_HOPS and their like for groups). */
  readonly ttl?: number | undefined
}

/** A socket that is ready to send to one destination. */
export interface SendSocket {
  readonly socket: Socket
  /** Where the datagrams leave from. */
  readonly local: InetAddress
  /**
   * Whether the socket is connected: the kernel then passes on ICMP refusals, and drops what comes
   * from anywhere else (connect(2), udp(7)).
   */
  readonly isConnected: boolean
}

/**
 * Opens a socket for one destination.
 *
 * @throws ERR_IN_USE, ERR_NOT_FOUND when the local address cannot be had. What the destination's
 * side of it says (no route, no such family) is thrown as Node's own error.
 */
export async function openSendSocket(
  destination: Destination,
  options: SendSocketOptions,
): Promise<SendSocket> {
  const socket = await openSource(destination, options)
  try {
    const isConnected = destination.kind === 'peer' && options.anyPeer !== true
    if (isConnected) await connect(socket, destination.address)
    setBuffers(socket, { receiveBytes: AMPLE_RECEIVE_BYTES })
    const bound = localAddress(socket)
    const local = isWildcard(bound.host)
      ? inetAddress(await sourceTo(destination, options, bound.host), bound.port)
      : bound
    return { socket, local, isConnected }
  } catch (error) {
    socket.close()
    throw error
  }
}

/** Binds the source address, and sets what depends on the kind of destination. */
async function openSource(destination: Destination, options: SendSocketOptions): Promise<Socket> {
  const { address, kind, interface: on } = destination
  const { localPort = 0, ttl } = options
  // Limited broadcast leaves by the interface that its source address stands on (ip(7)).
  const localHost = options.localHost ?? (kind === 'broadcast' ? on?.ipv4[0] : undefined)
  const source = localHost === undefined ? `port ${localPort}` : `${localHost}:${localPort}`
  const socket = await bind(createSocketFor(address.host), localHost, localPort).catch(error => {
    throw systemError(`cannot send from ${source}`, error)
  })
  try {
    if (kind === 'broadcast') socket.setBroadcast(true)
    if (kind === 'group' && on !== undefined) {
      socket.setMulticastInterface(isIPv6(address.host) ? `::%${on.name}` : (on.ipv4[0] ?? ''))
    }
    if (ttl !== undefined) setTtl(socket, kind, ttl)
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

function setTtl(socket: Socket, kind: Destination['kind'], ttl: number): void {
  if (kind === 'group') {
    socket.setMulticastTTL(ttl)
  } else {
    if (ttl === 0) throw usageError('a TTL of 0 is for groups: it would not leave this machine')
    socket.setTTL(ttl)
  }
}

function connect(socket: Socket, { host, port }: InetAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    // Node calls back with an error or with nothing; its types know the second alone.
    const done = (error?: Error): void => (error === undefined ? resolve() : reject(error))
    socket.connect(port, host, done as () => void)
  })
}

/**
 * The address that the routes choose for a socket on the wildcard. A second socket that connects
 * (which sends nothing) is told.
 */
async function sourceTo(
  destination: Destination,
  options: SendSocketOptions,
  unknown: string,
): Promise<string> {
  const probe = await openSource(destination, { ...options, localPort: 0 })
  try {
    await connect(probe, destination.address)
    return localAddress(probe).host
  } catch {
    return unknown
  } finally {
    probe.close()
  }
}
