import type { Stats } from 'node:fs'
import type { SocketRecord } from '../types.ts'

type File = Pick<Stats, 'ino'>

/**
 * Whether the kernel tells that a socket was bound to this file, or was accepted by the one that was.
 * It tells 32 bits of the inode's number (UNIX_DIAG_VFS of linux/unix_diag.h); undefined where the
 * source does not tell it.
 */
export function hasFile({ unix }: Pick<SocketRecord, 'unix'>, { ino }: File): boolean | undefined {
  return unix?.fileInode === undefined ? undefined : unix.fileInode === ino % 2 ** 32
}

/**
 * Finds the socket that has bound a file on which nobody answers a stream (ECONNREFUSED): it does not
 * listen yet, or it is a client with a name, which never will. Where that is all that can be told, a
 * connection counts as the one that bound it.
 */
export function boundTo(
  records: readonly SocketRecord[],
  path: string,
  file: File,
): SocketRecord | undefined {
  const named = records.filter(one => isNamedBy(one, path, file))
  const unconnected = named.find(({ state }) => state !== 'established')
  if (unconnected !== undefined) return unconnected
  const [only, ...others] = named
  // One alone binds a file: what shares it was accepted by a listener that is gone.
  if (only === undefined || others.length > 0) return undefined
  return isAccepted(only) ? undefined : only
}

/**
 * Whether a socket may have this file. One that listens there now has begun to since it was asked; by
 * the inode alone it is another file system's, as is one that takes no streams.
 */
function isNamedBy(record: SocketRecord, path: string, file: File): boolean {
  const { local, unix, state } = record
  if (local.family !== 'unix' || unix?.type !== 'stream') return false
  const hasPath = local.path === path
  return state === 'listen' ? hasPath : (hasFile(record, file) ?? hasPath)
}

/**
 * Whether an end of a connection is surely the server's: the client has no name, as most have none, or
 * no process has accepted it yet. Listeners always have one (unix_listen() in net/unix/af_unix.c).
 */
function isAccepted({ inode, remote }: SocketRecord): boolean {
  return inode === 0 || (remote?.family === 'unix' && remote.path === '')
}
