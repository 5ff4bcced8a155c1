import { networkInterfaces } from 'node:os'
import { type Address, formatHost, isLoopback, isWildcard } from '../address.ts'
import type { Endpoint, Scheme } from '../endpoint/types.ts'
import { isLocalhost } from '../transports/resolve.ts'

/**
 * Warns of what stands on every interface, and says how others reach it. Undefined when nothing
 * does.
 */
export function exposureWarning(
  addresses: readonly Address[],
  scheme: Scheme = 'tcp',
): string | undefined {
  const open = addresses.find(one => one.family !== 'unix' && isWildcard(one.host))
  if (open === undefined || open.family === 'unix') return undefined
  const urls = Object.values(networkInterfaces())
    .flatMap(infos => infos ?? [])
    // Link-local addresses need a zone that only this machine knows.
    .filter(info => !info.internal && !info.address.startsWith('fe80:'))
    .map(info => `${scheme}://${formatHost(info.address)}:${open.port}`)
  const where = urls.length === 0 ? '' : `, at ${urls.join(' and ')}`
  return `open to everybody on this machine's networks${where}`
}

/**
 * Whether others than this machine can reach what stands there. An inherited socket may stand
 * anywhere.
 *
 * @param isPublic an endpoint without a host stands on every interface
 */
export function mayBeReached(endpoints: readonly Endpoint[], isPublic = false): boolean {
  return endpoints.some(endpoint => {
    if (endpoint.scheme === 'unix') return false
    if (!('host' in endpoint)) return true
    const { host } = endpoint
    return host === undefined ? isPublic : !isLocalhost(host) && !isLoopback(host)
  })
}
