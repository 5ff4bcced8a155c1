import type { UnixDetails } from '../../types.ts'

/** A line of `netstat -anf unix`. */
export interface UnixRow {
  /** Its address in the kernel, in hex without leading zeros: what lsof calls its device. */
  readonly address: string
  /** The same of the other end. Undefined: it has none. */
  readonly peer: string | undefined
  readonly type: UnixDetails['type']
  readonly receiveQueue: number
  readonly sendQueue: number
  /** `''`: it has no name. */
  readonly path: string
}

/**
 * Reads what `netstat -anf unix` of macOS writes. Undefined when it does not have the heading that is
 * known: what would be read then might be wrong.
 *
 * Source: unix.c of netstat in Apple's network_cmds.
 */
export function parseUnixRows(text: string): UnixRow[] | undefined {
  const heading = HEADING.exec(text)
  if (heading === null) return undefined
  const rows = text.slice(heading.index).matchAll(ROW)
  return [...rows].flatMap(([, address = '', name = '', received, sent, peer = '', path = '']) => {
    const type = TYPES.get(name)
    if (type === undefined) return []
    const known = withoutZeros(peer)
    return {
      address: withoutZeros(address),
      peer: known === '' ? undefined : known,
      type,
      receiveQueue: Number(received),
      sendQueue: Number(sent),
      path,
    }
  })
}

const HEADING = /^Address +Type +Recv-Q +Send-Q +Inode +Conn +Refs +Nextref +Addr *$/m

const ROW =
  /^([\da-f]{1,16}) +(\w+) +(\d{1,15}) +(\d{1,15}) +[\da-f]{1,16} +([\da-f]{1,16}) +[\da-f]{1,16} +[\da-f]{1,16}(?: (.*))?$/gm

/** Cut to six letters there. */
const TYPES: ReadonlyMap<string, UnixDetails['type']> = new Map([
  ['stream', 'stream'],
  ['dgram', 'datagram'],
  ['seqpac', 'seqpacket'],
])

function withoutZeros(hex: string): string {
  return hex.replace(/^0+/, '')
}
