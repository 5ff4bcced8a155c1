import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { Server } from 'node:net'

/**
 * Listens on a port that no other socket has, and that no client is given: what is found there is the
 * test's own. Port 0 is taken from where the kernel takes those of clients, who may then share it.
 */
export async function listenOnQuietPort(server: Server, host = '127.0.0.1'): Promise<number> {
  return onQuietPort(async port => {
    await once(server.listen(port, host), 'listening')
    if (process.platform !== 'linux' || countSockets(port) === 1) return
    // Connections of an earlier server are left there.
    await once(server.close(), 'close')
    throw new Error(`port ${port} has other sockets`)
  })
}

/** Takes a port that no client is given: tries again where another has it. */
export async function onQuietPort(take: (port: number) => Promise<unknown>): Promise<number> {
  const last = firstEphemeralPort() - 1
  for (let triesLeft = 50; ; triesLeft--) {
    const port = 1024 + Math.floor(Math.random() * (last - 1024))
    try {
      await take(port)
      return port
    } catch (error) {
      if (triesLeft === 0) throw error
    }
  }
}

/** The TCP sockets with a port on either side. */
function countSockets(port: number): number {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .filter(existsSync)
    .flatMap(table => readFileSync(table, 'utf8').split('\n'))
    .map(line => line.trim().split(/\s+/).slice(1, 3))
    .filter(ends => ends.some(end => end.endsWith(ending))).length
}

/** `32768	60999` on most; other systems begin at 49152 (RFC 6335) or above. */
function firstEphemeralPort(): number {
  try {
    const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    return Math.max(2048, Number.parseInt(range, 10))
  } catch {
    return 32_768
  }
}
