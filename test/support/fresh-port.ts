import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo, Server } from 'node:net'

/** Far more than there are ports with something left of them. */
const MOST_TRIES = 50

/**
 * Has a server listen on a port of 127.0.0.1 that no other socket has, for tests that count sockets.
 * The system also draws ports on which connections of others linger in TIME-WAIT.
 */
export async function listenOnFreshPort(server: Server): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    if (process.platform !== 'linux' || countSockets(port) === 1) return port
    await once(server.close(), 'close')
  }
  throw new Error('no port without other sockets')
}

/** The IPv4 sockets with a port on either side, by /proc/net/tcp. */
function countSockets(port: number): number {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .filter(line =>
      line
        .trim()
        .split(/\s+/)
        .slice(1, 3)
        .some(address => address.endsWith(ending)),
    ).length
}
