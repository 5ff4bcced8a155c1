import { linkSync, lstatSync, renameSync, type Stats, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { UnixEndpoint } from '../endpoint/types.ts'
import { errnoOf, systemError } from '../errors.ts'
import { connectAbstract, listenAbstract } from './abstract-name.ts'
import { admitAtSocket, withHeaders } from './accept-headers.ts'
import { FaithfulSocket } from './faithful-socket.ts'
import { STREAM_SOCKET_OPTIONS, UnixChannel } from './socket-channel.ts'
import { listenOn, SocketListener } from './socket-listener.ts'
import { isSameFile, removeStaleFile } from './stale-file.ts'
import type { DialOptions, Listener, ListenOptions, Transport } from './types.ts'
import { unixDialError } from './unix-failure.ts'

/** unix(7) stream sockets, by path or by name in the abstract namespace of Linux. */
export const unix: Transport<UnixEndpoint> = { dial, listen }

async function dial(endpoint: UnixEndpoint, options: DialOptions): Promise<Channel> {
  const { path } = endpoint
  const startedAt = performance.now()
  const report = (error: Error | undefined): void => {
    const durationMs = performance.now() - startedAt
    options.onAttempt?.({ address: { family: 'unix', path }, error, durationMs })
  }
  try {
    const socket = await connectPatiently(path, options)
    report(undefined)
    const channel = new UnixChannel(socket, { local: '', remote: path })
    if (options.announce === undefined) return channel
    const { announce } = await import('./proxy-protocol/send.ts')
    return announce(channel, options.announce)
  } catch (error) {
    if (error instanceof Error) report(error)
    throw unixDialError(error, endpoint)
  }
}

/** A connection that finds the accept queue full is tried again after this long. */
const QUEUE_RETRY_MS = 50

/** Unlike TCP's, a full accept queue of unix(7) turns a socket that does not block away (EAGAIN). */
async function connectPatiently(path: string, options: DialOptions): Promise<Socket> {
  const { timeoutMs, signal } = options
  const limit = timeoutMs === undefined ? undefined : performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await connectUnix(path)
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw error
      if (limit !== undefined && performance.now() + QUEUE_RETRY_MS > limit) throw error
    }
    await delay(QUEUE_RETRY_MS, undefined, signal === undefined ? {} : { signal })
  }
}

async function connectUnix(path: string): Promise<Socket> {
  if (path.startsWith('@')) {
    const fd = await connectAbstract(path)
    return new FaithfulSocket({ ...STREAM_SOCKET_OPTIONS, fd, readable: true, writable: true })
  }
  return new Promise((resolve, reject) => {
    const socket = new FaithfulSocket(STREAM_SOCKET_OPTIONS)
    socket.once('error', reject)
    socket.connect({ path }, () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

async function listen(endpoint: UnixEndpoint, options: ListenOptions): Promise<Listener> {
  const { path } = endpoint
  const isFile = !path.startsWith('@')
  const backlog = options.backlog === undefined ? {} : { backlog: options.backlog }
  try {
    // libuv reports a folder that does not exist as EACCES; stat(2) says what is missing.
    if (isFile) statSync(dirname(path))
    if (isFile) await removeStaleFile(endpoint, connectUnix)
    const server = await listenOn(
      isFile ? { path, ...backlog } : { fd: await listenAbstract(path, options.backlog) },
    )
    const ours = isFile ? lstatSync(path) : undefined
    const toChannel = (socket: Socket): Channel =>
      new UnixChannel(socket, { local: path, remote: '' })
    const listener = new SocketListener(
      [server],
      [{ family: 'unix', path }],
      toChannel,
      admitAtSocket(options),
    )
    if (ours !== undefined) keepOthersFile(listener, path, ours)
    return await withHeaders(listener, options)
  } catch (error) {
    throw systemError(`cannot listen on ${formatEndpoint(endpoint)}`, error)
  }
}

/**
 * libuv unlinks the path when the listener closes, even if somebody has put another socket there
 * since. Theirs is kept: given a second name before, and its own name again after.
 */
function keepOthersFile(listener: Listener, path: string, ours: Stats): void {
  const close = listener.close.bind(listener)
  listener.close = async () => {
    const now = lstatSync(path, { throwIfNoEntry: false })
    if (now === undefined || isSameFile(now, ours)) return close()
    const kept = `${path}.${process.pid}`
    linkSync(path, kept)
    const closed = close()
    renameSync(kept, path)
    return closed
  }
}
