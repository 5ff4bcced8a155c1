import { lstatSync, type Stats, unlinkSync } from 'node:fs'
import { systemError } from '../../errors.ts'
import { ALL_STATES } from '../select/states.ts'
import { takeSnapshot } from '../snapshot.ts'
import { boundTo } from '../system/unix-files.ts'
import { knockUnix } from '../system/unix-knock.ts'
import type { SocketRecord } from '../types.ts'

/** What stands at the path of a unix socket. */
export type PathVerdict =
  | { readonly kind: 'missing' }
  | { readonly kind: 'other file' }
  | { readonly kind: 'other user'; readonly uid: number }
  | { readonly kind: 'alive' }
  /** Nobody listens, but a process has it bound: it may be about to. */
  | { readonly kind: 'bound' }
  /** Nobody listens, and it is the name of one end of a connection. */
  | { readonly kind: 'connected' }
  /** Neither a server nor a refusal: a full queue, a missing right. */
  | { readonly kind: 'unclear'; readonly errno: string }
  /** A socket file on which nobody listens any more. */
  | { readonly kind: 'stale'; readonly file: Stats }

/**
 * Finds out whether somebody answers at the path of a unix socket. Only a refusal (ECONNREFUSED)
 * proves that nobody does, and a look at the kernel's table that no process has it bound.
 *
 * @throws ERR_DENIED when the path cannot be looked at
 */
export async function probePath(path: string, uid: number | undefined): Promise<PathVerdict> {
  const file = statOf(path)
  if (file === undefined) return { kind: 'missing' }
  if (!file.isSocket()) return { kind: 'other file' }
  const errno = await knockUnix(path)
  // A socket of another type than SOCK_STREAM is in use too.
  if (errno === undefined || errno === 'EPROTOTYPE') return { kind: 'alive' }
  if (errno === 'ENOENT') return { kind: 'missing' }
  if (errno !== 'ECONNREFUSED') return { kind: 'unclear', errno }
  const holder = await findHolder(path, file)
  if (holder !== undefined) return { kind: holder.state === 'established' ? 'connected' : 'bound' }
  if (uid !== 0 && file.uid !== uid) return { kind: 'other user', uid: file.uid }
  return { kind: 'stale', file }
}

/**
 * Removes a socket file that was found stale, if it still is: it is probed again, and it has to be
 * the same file. Tells what stands there otherwise.
 *
 * @throws ERR_DENIED when the folder does not let this user
 */
export async function removeStalePath(
  path: string,
  { found, uid }: { readonly found: Stats; readonly uid: number | undefined },
): Promise<'removed' | PathVerdict> {
  const again = await probePath(path, uid)
  if (again.kind !== 'stale') return again
  if (again.file.ino !== found.ino || again.file.dev !== found.dev) return { kind: 'alive' }
  try {
    unlinkSync(path)
    return 'removed'
  } catch (error) {
    throw systemError(`cannot remove ${path}`, error)
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw systemError(`cannot look at ${path}`, error)
  }
}

async function findHolder(path: string, file: Stats): Promise<SocketRecord | undefined> {
  const { records } = await takeSnapshot({
    wanted: {
      protocols: new Set(['unix']),
      families: new Set(['unix']),
      states: new Set(ALL_STATES),
      details: new Set(['file']),
    },
    owners: false,
    now: () => new Date(),
  })
  return boundTo(records, path, file)
}
