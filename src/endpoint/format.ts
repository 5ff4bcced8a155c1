import { formatHost } from '../address.ts'
import type { Endpoint } from './types.ts'

/** Writes an endpoint so that parsing it gives the same again: `tcp://127.0.0.1:80`, `unix:/tmp/s`. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.scheme === 'unix') return `unix:${endpoint.path}`
  if (endpoint.scheme === 'fd') return `fd:${endpoint.fd}`
  const where = `${endpoint.scheme}://${formatHost(endpoint.host ?? '')}:${endpoint.port}`
  return 'path' in endpoint && endpoint.path !== '/' ? where + endpoint.path : where
}
