import { createConnection } from 'node:net'
import { errnoOf } from '../../errors.ts'

/** A server that is there takes a connection at once; one that hangs has a queue. */
const PATIENCE_MS = 1000

/**
 * Connects to the path of a unix socket, and leaves at once.
 *
 * @returns the errno of the failure (ETIMEDOUT: neither yes nor no); undefined when somebody answered
 */
export function knockUnix(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path })
    const settle = (errno: string | undefined): void => {
      socket.destroy()
      resolve(errno)
    }
    socket.setTimeout(PATIENCE_MS, () => settle('ETIMEDOUT'))
    socket.once('connect', () => settle(undefined))
    socket.on('error', error => {
      const errno = errnoOf(error)
      if (errno === undefined) reject(error)
      else settle(errno)
    })
  })
}
