import { networkInterfaces } from 'node:os'
import { type Address, formatHost, isWildcard } from '../address.ts'
import type { Scheme } from '../endpoint/types.ts'

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
