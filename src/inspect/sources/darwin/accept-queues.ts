import { formatAddress } from '../../../address.ts'
import { parseDarwinEnd } from './netstat-table.ts'

/** The accept queue of a listener. */
export interface AcceptQueue {
  readonly waiting: number
  readonly limit: number
}

/** What `netstat -Lan` tells. */
export interface AcceptQueues {
  /** By `127.0.0.1:80`, of TCP. Undefined where several sockets listen on one address. */
  readonly tcp: ReadonlyMap<string, AcceptQueue | undefined>
  /** By path, of unix sockets. */
  readonly unix: ReadonlyMap<string, AcceptQueue | undefined>
}

/**
 * Reads what `netstat -Lan` of macOS writes: `tcp4  0/0/128  127.0.0.1.8021`, where the numbers are
 * connections that wait, connections that are being made, and how many may wait.
 *
 * Source: inet.c and unix.c of netstat in Apple's network_cmds.
 */
export function parseAcceptQueues(text: string): AcceptQueues {
  const tcp = new Map<string, AcceptQueue | undefined>()
  const unix = new Map<string, AcceptQueue | undefined>()
  for (const line of text.split('\n')) {
    const [, name = '', version = '', waiting, limit, address = ''] =
      /^(tcp|unix)(4|6|46)? +(\d{1,9})\/\d+\/(\d{1,9}) +(.+?) *$/.exec(line) ?? []
    const queue = { waiting: Number(waiting), limit: Number(limit) }
    if (name === 'unix') {
      unix.set(address, unix.has(address) ? undefined : queue)
    } else if (name === 'tcp') {
      const end = parseDarwinEnd(address, version)
      if (end === undefined) continue
      const key = formatAddress(end)
      tcp.set(key, tcp.has(key) ? undefined : queue)
    }
  }
  return { tcp, unix }
}
