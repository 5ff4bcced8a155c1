import type { Stats } from 'node:fs'
import type { SocketRecord } from '../types.ts'

/**
 * Whether a socket is the one that was bound to this file, and not a connection by it: those that a
 * server has accepted carry its path too. The kernel tells 32 bits of the inode's number
 * (UNIX_DIAG_VFS of linux/unix_diag.h); where the source does not tell it, the path decides.
 */
export function isBoundTo(
  { local, unix, state }: Pick<SocketRecord, 'local' | 'unix' | 'state'>,
  path: string,
  { ino }: Pick<Stats, 'ino'>,
): boolean {
  if (local.family !== 'unix' || state === 'established') return false
  return unix?.fileInode === undefined ? local.path === path : unix.fileInode === ino % 2 ** 32
}
