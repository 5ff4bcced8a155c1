import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram'
import { type InetAddress, inetAddress, isIPv6 } from '../../address.ts'
import type { BufferSizes } from './types.ts'

export interface BindOptions {
  /** A literal. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Others may bind the same address too, and each gets a copy: what groups are for. */
  readonly shared?: boolean | undefined
  readonly ipv6Only?: boolean | undefined
}

/** Creates the socket of a literal's family; nothing is bound or looked up. */
export function createSocketFor(host: string, options: Partial<SocketOptions> = {}): Socket {
  return createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    // Every host is a literal by now; Node would go through its resolver with each datagram.
    lookup: (literal, _, done) => done(null, literal, isIPv6(literal) ? 6 : 4),
    ...options,
  })
}

/** Binds a new socket; rejects with Node's own error. */
export function bindSocket({ host, port, shared, ipv6Only }: BindOptions): Promise<Socket> {
  const socket = createSocketFor(host, {
    reuseAddr: shared === true,
    ipv6Only: ipv6Only === true,
  })
  return bind(socket, host, port)
}

/** Binds a socket; when it cannot be, the socket is closed. */
export function bind(socket: Socket, host: string | undefined, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.once('error', fail)
    socket.once('listening', () => {
      socket.off('error', fail)
      resolve(socket)
    })
    socket.bind({ port, ...(host === undefined ? {} : { address: host }) })
  })
}

/** Where a bound socket stands. */
export function localAddress(socket: Socket): InetAddress {
  const { address, port } = socket.address()
  return inetAddress(address, port)
}

export function remoteAddress({ address, port }: RemoteInfo): InetAddress {
  return inetAddress(address, port)
}

/** As much as kernels give without being asked twice: bursts wait here while JavaScript is busy. */
export const AMPLE_RECEIVE_BYTES = 4 * 1024 ** 2

/** What the kernel gave when it was asked for a buffer. */
export interface BufferShortage {
  readonly buffer: 'receive' | 'send'
  readonly wantedBytes: number
  readonly givenBytes: number
}

/**
 * Sets the kernel's buffers of a bound socket. The kernel has limits of its own (net.core.rmem_max
 * and wmem_max of socket(7)) and cuts down to them in silence: what it cut is returned.
 */
export function setBuffers(socket: Socket, sizes: BufferSizes): BufferShortage[] {
  const shortages: BufferShortage[] = []
  const ask = (buffer: 'receive' | 'send', wantedBytes: number | undefined): void => {
    if (wantedBytes === undefined) return
    try {
      if (buffer === 'receive') socket.setRecvBufferSize(wantedBytes)
      else socket.setSendBufferSize(wantedBytes)
    } catch {
      // BSD refuses (ENOBUFS) where Linux cuts: what is there now is read below.
    }
    const given = buffer === 'receive' ? socket.getRecvBufferSize() : socket.getSendBufferSize()
    // Linux doubles what it is given, for its own bookkeeping, and reports the double.
    const givenBytes = process.platform === 'linux' ? given / 2 : given
    if (givenBytes < wantedBytes) shortages.push({ buffer, wantedBytes, givenBytes })
  }
  ask('receive', sizes.receiveBytes)
  ask('send', sizes.sendBytes)
  return shortages
}
