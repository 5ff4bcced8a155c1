import { errnoOf } from '../../errors.ts'
import type { Door } from './bind-probe.ts'

/**
 * Opens a door with Node's own means, which for TCP is to listen, and closes it at once.
 *
 * @returns the name of the errno, or what else stood in the way; undefined: it could be opened
 */
export async function openBriefly({
  protocol,
  host,
  port,
  isV6only = false,
}: Door): Promise<string | undefined> {
  if (protocol === 'udp') {
    const { createSocket } = await import('node:dgram')
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: isV6only })
    return new Promise(resolve => {
      socket.once('error', error => socket.close(() => resolve(reasonOf(error))))
      socket.bind({ address: host, port, exclusive: true }, () => {
        socket.close(() => resolve(undefined))
      })
    })
  }
  const { createServer } = await import('node:net')
  const server = createServer(socket => socket.destroy())
  return new Promise(resolve => {
    server.once('error', error => resolve(reasonOf(error)))
    server.listen({ host, port, ipv6Only: isV6only, exclusive: true }, () => {
      server.close(() => resolve(undefined))
    })
  })
}

function reasonOf(error: Error): string {
  return errnoOf(error) ?? error.message
}
