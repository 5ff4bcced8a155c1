import { isLoopback } from '../address.ts'
import type { Endpoint } from '../endpoint/types.ts'
import type { SockctlError } from '../errors.ts'

/** Adds to a failure to connect what to type next, where we know. */
export function adviseOnDial(error: SockctlError, endpoint: Endpoint): SockctlError {
  if (!('host' in endpoint)) return error
  const { host = 'localhost', port } = endpoint
  if (error.code === 'ERR_TIMEOUT') {
    return error.withHints(
      'Something drops what is sent there, or the address is wrong. -w 30s waits longer.',
    )
  }
  const isHere = host === 'localhost' || isLoopback(host)
  if (error.code === 'ERR_REFUSED' && isHere) {
    return error.withHints(`Nobody listens there. See: sockctl inspect ${port}`)
  }
  return error
}
