import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:net'

/**
 * Listens on a port of 127.0.0.1 that no client is given: what is found there is the test's own. Port
 * 0 is taken from where the kernel takes those of clients, who may then share it.
 */
export async function listenOnQuietPort(server: Server): Promise<number> {
  const last = firstEphemeralPort() - 1
  for (let triesLeft = 50; ; triesLeft--) {
    const port = 1024 + Math.floor(Math.random() * (last - 1024))
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
      return port
    } catch (error) {
      if (triesLeft === 0) throw error
    }
  }
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
