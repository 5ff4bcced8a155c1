import { type Stats, statSync } from 'node:fs'
import { formatEndpoint } from '../endpoint/format.ts'
import type { UnixEndpoint } from '../endpoint/types.ts'
import { errnoOf, SockctlError, systemError, usageError } from '../errors.ts'

/**
 * Says why nobody was reached on a unix socket: connect(2) answers ECONNREFUSED alike for a socket
 * without a server and for a file that is no socket at all.
 */
export function unixDialError(error: unknown, endpoint: UnixEndpoint): SockctlError {
  const attempt = `cannot connect to ${formatEndpoint(endpoint)}`
  switch (errnoOf(error)) {
    case 'EAGAIN':
      return new SockctlError('ERR_TIMEOUT', `${attempt}: its accept queue stays full (EAGAIN)`, {
        cause: error,
        hints: ['Its server runs, but accepts nobody: it hangs or is stopped.'],
      })
    case 'ECONNREFUSED':
      return refused(attempt, error, endpoint)
    case 'ENOENT':
      return systemError(attempt, error).withHints(
        'Its server does not run, or is elsewhere. Those that listen: sockctl inspect -xl',
      )
    case 'EPROTOTYPE':
      return new SockctlError(
        'ERR_UNSUPPORTED',
        `${attempt}: that socket takes datagrams or packets, no stream (EPROTOTYPE)`,
        { cause: error },
      )
    default:
      return systemError(attempt, error)
  }
}

function refused(attempt: string, error: unknown, { path }: UnixEndpoint): SockctlError {
  if (path.startsWith('@')) {
    return systemError(attempt, error).withHints('Nobody listens on that name.')
  }
  const kind = kindOf(path)
  if (kind !== undefined) {
    return usageError(
      `${attempt}: that is a ${kind}, not a socket`,
      'The sockets that somebody listens on: sockctl inspect -xl',
    )
  }
  return systemError(attempt, error).withHints(
    'The file exists, but nobody listens on it: its server has gone.',
  )
}

/** What a path is, where it is no socket; it may be gone or hidden by now. */
function kindOf(path: string): string | undefined {
  let stats: Stats | undefined
  try {
    stats = statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
  if (stats === undefined || stats.isSocket()) return undefined
  if (stats.isDirectory()) return 'folder'
  if (stats.isFile()) return 'file'
  return stats.isFIFO() ? 'named pipe' : 'device'
}
