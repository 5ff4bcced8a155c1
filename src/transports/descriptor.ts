import { fstatSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { type Address, inetAddress } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import type { DescriptorEndpoint } from '../endpoint/types.ts'
import { SockctlError, systemError } from '../errors.ts'
import { TcpChannel, UnixChannel } from './socket-channel.ts'
import { listenOn, SocketListener } from './socket-listener.ts'
import type { Listener, Transport } from './types.ts'

/** A listening socket inherited from the parent process, as systemd(1) and test runners pass it. */
export const descriptor: Transport<DescriptorEndpoint> = { listen }

async function listen({ fd }: DescriptorEndpoint): Promise<Listener> {
  try {
    // libuv reports a descriptor that is not open as EINVAL; fstat(2) tells what it is.
    if (!fstatSync(fd).isSocket()) {
      throw new SockctlError('ERR_USAGE', `cannot listen on fd:${fd}: that is not a socket`)
    }
    const server = await listenOn({ fd })
    const bound = server.address()
    const address = toAddress(bound)
    const path = address.family === 'unix' ? address.path : undefined
    const toChannel = (socket: Socket): Channel =>
      path === undefined
        ? new TcpChannel(socket)
        : new UnixChannel(socket, { local: path, remote: '' })
    return new SocketListener([server], [address], toChannel)
  } catch (error) {
    throw systemError(`cannot listen on fd:${fd}`, error)
  }
}

function toAddress(bound: AddressInfo | string | null): Address {
  if (bound === null || typeof bound === 'string') return { family: 'unix', path: bound ?? '' }
  return inetAddress(bound.address, bound.port)
}
