import { answer, takeSocksRequest } from '../proxy/socks/accept.ts'
import type { ProxySettings } from './proxy/settings.ts'
import { type Failure, tunnel } from './proxy/tunnel.ts'
import type { Handler } from './types.ts'

/** The replies of RFC 1928 §6. */
const SOCKS5_REPLY = {
  failed: 1,
  denied: 2,
  'not-found': 4,
  unreachable: 4,
  refused: 5,
  timeout: 6,
} as const satisfies Record<Failure, number>

/** A proxy for clients that speak SOCKS 4, 4a or 5: connections only. */
export function socksProxy(settings: ProxySettings = {}): Handler {
  return (channel, context) => {
    const { duplex } = channel
    let version: 4 | 5 = 5
    return tunnel(channel, context, settings, {
      async request() {
        const request = await takeSocksRequest(duplex, settings.mayIn)
        version = request.version
        return request.target
      },
      granted: () => answer(duplex, version, version === 5 ? 0 : 90),
      failed: failure => answer(duplex, version, version === 5 ? SOCKS5_REPLY[failure] : 91),
    })
  }
}
