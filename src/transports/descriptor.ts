import { fstatSync, readFileSync, type Stats } from 'node:fs'
import { type AddressInfo, type Server, Socket } from 'node:net'
import { type Address, inetAddress } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import type { DescriptorEndpoint } from '../endpoint/types.ts'
import { errnoOf, systemError, usageError } from '../errors.ts'
import { admitAtSocket, withHeaders } from './accept-headers.ts'
import { TcpChannel, UnixChannel } from './socket-channel.ts'
import { listenOn, SocketListener } from './socket-listener.ts'
import type { Listener, ListenOptions, Transport } from './types.ts'

/** A listening socket inherited from the parent process, as systemd(1) and test runners pass it. */
export const descriptor: Transport<DescriptorEndpoint> = { listen }

async function listen({ fd }: DescriptorEndpoint, options: ListenOptions): Promise<Listener> {
  const attempt = `cannot listen on fd:${fd}`
  try {
    const problem = problemWith(fd)
    if (problem !== undefined) throw usageError(`${attempt}: ${problem}`, PASS_ONE)
    const server = await listenOn({ fd })
    const address = addressOf(server, fd)
    const path = address.family === 'unix' ? address.path : undefined
    const toChannel = (socket: Socket): Channel =>
      path === undefined
        ? new TcpChannel(socket)
        : new UnixChannel(socket, { local: path, remote: '' })
    const listener = new SocketListener([server], [address], toChannel, admitAtSocket(options))
    return await withHeaders(listener, options)
  } catch (error) {
    // listen(2) of a unix socket without a name, or with a peer.
    if (errnoOf(error) === 'EINVAL') {
      throw usageError(`${attempt}: that socket has no name, or is connected`, PASS_ONE)
    }
    throw systemError(attempt, error)
  }
}

const PASS_ONE =
  'It takes a stream socket that listens, or is bound, as systemd and test runners pass it on.'

/** Why nobody can be accepted there, as far as it can be told before listen(2) is called. */
function problemWith(fd: number): string | undefined {
  // libuv reports a descriptor that is not open as EINVAL; fstat(2) tells what it is.
  const file = fstatSync(fd)
  return file.isSocket() ? problemWithSocket(fd) : `that is ${kindOf(file)}`
}

/**
 * listen(2) would bind a TCP socket that is not bound to every address of the machine. So it is
 * opened and asked first, by Node: by libuv's means it is known which sockets are of streams.
 */
function problemWithSocket(fd: number): string | undefined {
  try {
    // It is left as it is: destroying it would close what is then listened on.
    const socket = new Socket({ fd, readable: false, writable: false })
    const { port } = socket.address() as Partial<AddressInfo>
    if (socket.remoteAddress !== undefined) return 'that socket is connected'
    return port === 0 ? 'that socket is not bound to an address' : undefined
  } catch (error) {
    if (errnoOf(error) === 'ERR_INVALID_FD_TYPE') return 'that is not a stream socket'
    throw error
  }
}

function kindOf(file: Stats): string {
  if (file.isDirectory()) return 'a folder, not a socket'
  if (file.isFIFO()) return 'a pipe, not a socket'
  if (file.isFile()) return 'a file, not a socket'
  // What Node has opened for itself, as its epoll instances, is none of these.
  return file.isCharacterDevice() ? 'a device, not a socket' : 'not a socket'
}

function addressOf(server: Server, fd: number): Address {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return { family: 'unix', path: nameOf(fd) }
  return inetAddress(bound.address, bound.port)
}

/** The name of a unix socket, which Node does not tell of a descriptor: proc_net_unix; else ''. */
function nameOf(fd: number): string {
  try {
    const { ino } = fstatSync(fd)
    const table = readFileSync('/proc/self/net/unix', 'utf8')
    // Num: RefCount Protocol Flags Type St Inode Path
    return new RegExp(`^(?:\\S+ +){6}${ino} (.+)$`, 'm').exec(table)?.[1] ?? ''
  } catch {
    return ''
  }
}
