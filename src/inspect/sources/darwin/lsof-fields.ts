import { isIP } from 'node:net'
import type { InetAddress } from '../../../address.ts'

/** A descriptor of a process that is a socket, as lsof tells it. */
export interface LsofSocket {
  readonly pid: number
  /** Chosen by the process. */
  readonly name: string
  readonly fd: number
  readonly protocol: 'tcp' | 'udp' | 'unix'
  /** Undefined for unix sockets, and where lsof does not know. */
  readonly local: InetAddress | undefined
  readonly remote: InetAddress | undefined
  /** Of unix sockets on macOS: the address in the kernel that netstat shows too, in hex. */
  readonly device: string | undefined
}

/**
 * Reads what `lsof -nP -F pcftPnd` writes: fields, each on a line (or, with `0`, before a NUL) that
 * begins with its letter. `p` begins a process, `f` a descriptor of it.
 *
 * Source: lsof(8), "OUTPUT FOR OTHER PROGRAMS".
 */
export function parseLsof(text: string): LsofSocket[] {
  const found: LsofSocket[] = []
  let process = { pid: 0, name: '?' }
  let file: Record<string, string> = {}
  const finish = (): void => {
    const socket = socketOf(process, file)
    if (socket !== undefined) found.push(socket)
    file = {}
  }
  for (const field of text.split(/[\n\0]/)) {
    const value = field.slice(1)
    const letter = field.charAt(0)
    if (letter === 'p' || letter === 'f') finish()
    if (letter === 'p') process = { pid: /^\d{1,10}$/.test(value) ? Number(value) : 0, name: '?' }
    else if (letter === 'c') process = { ...process, name: plain(value) }
    else if (letter !== '') file[letter] = value
  }
  finish()
  return found
}

function socketOf(
  { pid, name }: { readonly pid: number; readonly name: string },
  { f: fd = '', t: type = '', P = '', n = '', d }: Readonly<Record<string, string>>,
): LsofSocket | undefined {
  // Others than numbers are no descriptors: cwd, txt, mem.
  if (pid === 0 || !/^\d{1,9}$/.test(fd)) return undefined
  const holder = { pid, name, fd: Number(fd) }
  if (type === 'unix') {
    return { ...holder, protocol: 'unix', local: undefined, remote: undefined, device: device(d) }
  }
  const protocol = P === 'TCP' ? 'tcp' : P === 'UDP' ? 'udp' : undefined
  if (protocol === undefined || (type !== 'IPv4' && type !== 'IPv6')) return undefined
  const [localText = '', remoteText = ''] = n.split('->')
  const family = type === 'IPv4' ? 'ipv4' : 'ipv6'
  const [local, remote] = [parseEnd(localText, family), parseEnd(remoteText, family)]
  return { ...holder, protocol, local, remote, device: undefined }
}

/** `127.0.0.1:80`, `[::1]:80`, `*:80`, `*:*`. */
function parseEnd(text: string, family: 'ipv4' | 'ipv6'): InetAddress | undefined {
  const [, host = '', portText = ''] = /^(.+):(\d{1,5}|\*)$/.exec(text) ?? []
  const port = portText === '*' ? 0 : Number(portText)
  if (portText === '' || port > 65_535) return undefined
  if (host === '*') return { family, host: family === 'ipv4' ? '0.0.0.0' : '::', port }
  const literal = host.replace(/^\[(.*)\]$/, '$1')
  const kind = isIP(literal.replace(/%.*$/, ''))
  return kind === 0 ? undefined : { family: kind === 4 ? 'ipv4' : 'ipv6', host: literal, port }
}

function device(text: string | undefined): string | undefined {
  return /^0x0*([\da-f]+)$/i.exec(text ?? '')?.[1]?.toLowerCase()
}

/** lsof writes what is not ASCII as `\xHH`, byte by byte. */
function plain(text: string): string {
  return text.replace(/(?:\\x[\da-f]{2})+/gi, bytes =>
    Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString(),
  )
}
