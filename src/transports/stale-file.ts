import { lstatSync, type Stats, unlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { resolve } from 'node:path'
import { formatEndpoint } from '../endpoint/format.ts'
import type { UnixEndpoint } from '../endpoint/types.ts'
import { errnoOf, SockctlError } from '../errors.ts'
import { unixTableEntries } from '../native/unix-table.ts'

/**
 * Removes a socket file whose server has gone, so that its name can be bound again.
 *
 * @param knock connects to the path
 * @throws ERR_IN_USE when somebody answers on it or has bound it and does not listen yet, or when it is
 *   not a socket at all
 */
export async function removeStaleFile(
  endpoint: UnixEndpoint,
  knock: (path: string) => Promise<Socket>,
): Promise<void> {
  const { path } = endpoint
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (file === undefined) return
  const attempt = `cannot listen on ${formatEndpoint(endpoint)}`
  if (!file.isSocket()) {
    throw new SockctlError('ERR_IN_USE', `${attempt}: a file that is not a socket stands there`)
  }
  const inUse = (why: string, reason: string): SockctlError =>
    new SockctlError('ERR_IN_USE', `${attempt}: ${why} (EADDRINUSE)`, {
      cause: Object.assign(new Error(reason), { address: path }),
    })
  const answer = await knock(path).catch(errnoOf)
  if (answer instanceof Socket) {
    answer.destroy()
    throw inUse('address in use', 'somebody answers on it')
  }
  // Only a refusal proves that nobody listens; a full queue or a missing right does not.
  if (answer !== 'ECONNREFUSED') return
  if (await isBound(path)) {
    throw inUse('a process has bound it, and does not listen yet', 'it is bound')
  }
  if (isSameFile(lstatSync(path, { throwIfNoEntry: false }), file)) unlinkSync(path)
}

/** Whether two looks at a path have found the same file. */
export function isSameFile(a: Stats | undefined, b: Stats): boolean {
  return a !== undefined && a.ino === b.ino && a.dev === b.dev
}

/** Of /proc/net/unix: SOCK_STREAM, and SS_UNCONNECTED of linux/net.h. */
const STREAM = 1
const UNCONNECTED = 1

/**
 * Whether a socket has this path that is neither connected nor listens: it may be about to. What is
 * connected never listens any more; it could be of a server that has closed its door, and serves on.
 */
async function isBound(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => '')
  const names = [path, resolve(path)]
  for (const { flags, type, state, path: name } of unixTableEntries(table)) {
    if (flags === 0 && type === STREAM && state === UNCONNECTED && names.includes(name)) return true
  }
  return false
}
