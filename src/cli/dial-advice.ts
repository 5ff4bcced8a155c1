import { isLoopback } from '../address.ts'
import type { Endpoint } from '../endpoint/types.ts'
import { errnoOf, type SockctlError } from '../errors.ts'

/** Adds to a failure to connect what to type next, where we know. */
export function adviseOnDial(error: SockctlError, endpoint: Endpoint): SockctlError {
  if (!('host' in endpoint)) return error
  const { host = 'localhost', port } = endpoint
  const isHere = host === 'localhost' || isLoopback(host)
  if (errnoOf(error.cause) === 'ECONNREFUSED' && isHere) {
    return error.withHints(`Nobody listens there. See: sockctl inspect ${port}`)
  }
  return error
}
