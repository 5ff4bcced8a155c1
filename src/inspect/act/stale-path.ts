import { lstatSync, type Stats, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { errnoOf, systemError } from '../../errors.ts'

/** What stands at the path of a unix socket. */
export type PathVerdict =
  | { readonly kind: 'missing' }
  | { readonly kind: 'other file' }
  | { readonly kind: 'other user'; readonly uid: number }
  | { readonly kind: 'alive' }
  /** Neither a server nor a refusal: a full queue, a missing right. */
  | { readonly kind: 'unclear'; readonly errno: string }
  /** A socket file on which nobody listens any more. */
  | { readonly kind: 'stale'; readonly file: Stats }

/** A server that is there takes a connection at once; one that hangs has a queue. */
const PROBE_MS = 1000

/**
 * Finds out whether somebody answers at the path of a unix socket. Only a refusal (ECONNREFUSED)
 * proves that nobody does.
 *
 * @throws ERR_DENIED when the path cannot be looked at
 */
export async function probePath(path: string, uid: number | undefined): Promise<PathVerdict> {
  const file = statOf(path)
  if (file === undefined) return { kind: 'missing' }
  if (!file.isSocket()) return { kind: 'other file' }
  const errno = await tryToConnect(path)
  // A socket of another type than SOCK_STREAM is in use too.
  if (errno === undefined || errno === 'EPROTOTYPE') return { kind: 'alive' }
  if (errno === 'ENOENT') return { kind: 'missing' }
  if (errno !== 'ECONNREFUSED') return { kind: 'unclear', errno }
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

/** The errno of the failure; undefined when somebody answered. */
function tryToConnect(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    const settle = (errno: string | undefined): void => {
      socket.destroy()
      resolve(errno)
    }
    socket.setTimeout(PROBE_MS, () => settle('ETIMEDOUT'))
    socket.once('connect', () => settle(undefined))
    socket.once('error', error => {
      const errno = errnoOf(error)
      if (errno === undefined) reject(error)
      else settle(errno)
    })
  })
}
