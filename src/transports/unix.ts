import { linkSync, lstatSync, renameSync, type Stats, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { UnixEndpoint } from '../endpoint/types.ts'
import { errnoOf, SockctlError, systemError } from '../errors.ts'
import { STREAM_SOCKET_OPTIONS, UnixChannel } from './socket-channel.ts'
import { listenOn, SocketListener } from './socket-listener.ts'
import type { DialOptions, Listener, ListenOptions, Transport } from './types.ts'

/** unix(7) stream sockets, by path or by name in the abstract namespace of Linux. */
export const unix: Transport<UnixEndpoint> = { dial, listen }

async function dial(endpoint: UnixEndpoint, options: DialOptions): Promise<Channel> {
  const attempt = `cannot connect to ${formatEndpoint(endpoint)}`
  const startedAt = performance.now()
  const report = (error: Error | undefined): void =>
    options.onAttempt?.({
      address: { family: 'unix', path: endpoint.path },
      error,
      durationMs: performance.now() - startedAt,
    })
  try {
    const socket = await connectUnix(endpoint.path, options)
    report(undefined)
    return new UnixChannel(socket, { local: '', remote: endpoint.path })
  } catch (error) {
    if (error instanceof Error) report(error)
    const failure = systemError(attempt, error)
    throw errnoOf(error) === 'ECONNREFUSED'
      ? failure.withHints('The file exists, but nobody listens on it: its server has gone.')
      : failure
  }
}

function connectUnix(
  path: string,
  options: Pick<DialOptions, 'signal' | 'timeoutMs'>,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { timeoutMs, signal } = options
    const socket = new Socket({
      ...STREAM_SOCKET_OPTIONS,
      ...(signal === undefined ? {} : { signal }),
    })
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            socket.destroy(
              new SockctlError('ERR_TIMEOUT', `unix:${path} gave no answer in ${timeoutMs} ms`),
            )
          }, timeoutMs)
    socket.once('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    socket.connect({ path: systemPath(path) }, () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

/** The abstract namespace is a leading NUL for the kernel, an `@` for people. */
function systemPath(path: string): string {
  return path.startsWith('@') ? `\0${path.slice(1)}` : path
}

async function listen(endpoint: UnixEndpoint, options: ListenOptions): Promise<Listener> {
  const { path } = endpoint
  const isFile = !path.startsWith('@')
  try {
    if (isFile) await removeStale(endpoint)
    const server = await listenOn({
      path: systemPath(path),
      ...(options.backlog === undefined ? {} : { backlog: options.backlog }),
    })
    const ours = isFile ? lstatSync(path) : undefined
    const toChannel = (socket: Socket): Channel =>
      new UnixChannel(socket, { local: path, remote: '' })
    const listener = new SocketListener([server], [{ family: 'unix', path }], toChannel)
    if (ours !== undefined) keepOthersFile(listener, path, ours)
    return listener
  } catch (error) {
    throw systemError(`cannot listen on ${formatEndpoint(endpoint)}`, error)
  }
}

/**
 * Removes a socket file whose server has gone, so that its name can be bound again.
 *
 * @throws ERR_IN_USE when somebody answers on it, or when it is not a socket at all
 */
async function removeStale(endpoint: UnixEndpoint): Promise<void> {
  const { path } = endpoint
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (file === undefined) return
  const attempt = `cannot listen on ${formatEndpoint(endpoint)}`
  if (!file.isSocket()) {
    throw new SockctlError('ERR_IN_USE', `${attempt}: a file that is not a socket stands there`)
  }
  const answer = await connectUnix(path, {}).catch(errnoOf)
  if (answer instanceof Socket) {
    answer.destroy()
    throw new SockctlError('ERR_IN_USE', `${attempt}: address in use (EADDRINUSE)`)
  }
  // Only a refusal proves that nobody listens; a full queue or a missing right does not.
  if (answer === 'ECONNREFUSED' && isSameFile(lstatSync(path, { throwIfNoEntry: false }), file)) {
    unlinkSync(path)
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

function isSameFile(a: Stats | undefined, b: Stats): boolean {
  return a !== undefined && a.ino === b.ino && a.dev === b.dev
}
