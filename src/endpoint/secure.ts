import type { Endpoint, WebEndpoint } from './types.ts'

/** Whether an endpoint is under TLS. */
export function isSecure({ scheme }: Endpoint): boolean {
  return scheme === 'tls' || scheme === 'wss' || scheme === 'socketios'
}

/** An endpoint of TCP as the same one under TLS; any other as it is. */
export function secured(endpoint: WebEndpoint): WebEndpoint
export function secured(endpoint: Endpoint): Endpoint
export function secured(endpoint: Endpoint): Endpoint {
  switch (endpoint.scheme) {
    case 'tcp':
      return { ...endpoint, scheme: 'tls' }
    case 'ws':
      return { ...endpoint, scheme: 'wss' }
    case 'socketio':
      return { ...endpoint, scheme: 'socketios' }
    default:
      return endpoint
  }
}

/** The same without TLS. */
export function unsecured(endpoint: WebEndpoint): WebEndpoint {
  switch (endpoint.scheme) {
    case 'wss':
      return { ...endpoint, scheme: 'ws' }
    case 'socketios':
      return { ...endpoint, scheme: 'socketio' }
    default:
      return endpoint
  }
}
