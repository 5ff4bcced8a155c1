import { formatHost } from '../address.ts'
import type { Endpoint } from './types.ts'

/** Writes an endpoint so that parsing it gives the same again: `tcp://127.0.0.1:80`, `unix:/tmp/s`. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.scheme) {
    case 'unix':
      return `unix:${endpoint.path}`
    case 'fd':
      return `fd:${endpoint.fd}`
    default:
      return `${endpoint.scheme}://${formatHost(endpoint.host ?? '')}:${endpoint.port}`
  }
}
