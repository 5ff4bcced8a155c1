import { formatEndpoint } from '../../../endpoint/format.ts'
import type { Endpoint, InetEndpoint } from '../../../endpoint/types.ts'
import { SockctlError } from '../../../errors.ts'

/**
 * The endpoint, if it is one for datagrams.
 *
 * @throws ERR_UNSUPPORTED
 */
export function requireUdp(endpoint: Endpoint): InetEndpoint {
  if (endpoint.scheme === 'udp') return endpoint
  const text = formatEndpoint(endpoint)
  throw new SockctlError('ERR_UNSUPPORTED', `udp does not speak ${text}`, {
    hints: [
      endpoint.scheme === 'unix'
        ? 'Node has no datagrams over unix sockets.'
        : `For connections: sockctl serve ${text}, or sockctl connect ${text}`,
    ],
  })
}

/** Puts who holds the port into an ERR_IN_USE; always throws. The tables are read only then. */
export async function nameUdpHolder(error: unknown): Promise<never> {
  const { nameHolder } = await import('../../in-use.ts')
  return nameHolder(error)
}
