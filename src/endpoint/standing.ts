import type { Address } from '../address.ts'
import type { Endpoint } from './types.ts'

/** An endpoint as it came to stand: with the real address, and the path that was asked for. */
export function standingAt(endpoint: Endpoint, address: Address): Endpoint {
  if (address.family === 'unix') return { scheme: 'unix', path: address.path }
  const { host, port } = address
  return 'port' in endpoint ? { ...endpoint, host, port } : { scheme: 'tcp', host, port }
}
