import { formatEndpoint } from '../../endpoint/format.ts'
import type { WebEndpoint } from '../../endpoint/types.ts'

/** What is dialled, as a URL: no host is localhost. */
export function urlOf(endpoint: WebEndpoint): string {
  return formatEndpoint({ ...endpoint, host: endpoint.host ?? 'localhost' })
}
