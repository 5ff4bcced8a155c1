import { isIP } from 'node:net'
import type { InetAddress } from '../../../address.ts'
import type { SocketState } from '../../types.ts'
import { hasRemote } from '../kernel-numbers.ts'
import type { WindowsRow } from './table-rows.ts'

/**
 * Reads what `netstat -ano` of Windows writes. Its headings and states are in the language of the
 * system: a listener and a TIME_WAIT are known by their shape, others by the words that are known.
 *
 * @returns also how many lines of TCP or UDP could not be understood
 */
export function parseWindowsNetstat(text: string): {
  readonly rows: readonly WindowsRow[]
  readonly unknown: number
} {
  const lines = text.split(/\r?\n/).filter(line => /^\s*(?:TCP|UDP)\s/.test(line))
  const rows = lines.map(parseRow).filter(row => row !== undefined)
  return { rows, unknown: lines.length - rows.length }
}

function parseRow(line: string): WindowsRow | undefined {
  const [name = '', localText = '', remoteText = '', ...rest] = line.trim().split(/\s+/)
  const pidText = rest.pop() ?? ''
  const local = parseEnd(localText)
  if (local === undefined || !/^\d{1,10}$/.test(pidText)) return undefined
  const pid = Number(pidText)
  const { family } = local
  if (name === 'UDP') {
    return { protocol: 'udp', family, state: 'unconnected', local, remote: undefined, pid }
  }
  const remote = parseEnd(remoteText)
  if (remote === undefined) return undefined
  const state = stateOf(rest.join('_'), { remote, pid })
  if (state === undefined) return undefined
  return {
    protocol: 'tcp',
    family,
    state,
    local,
    remote: hasRemote(state) ? remote : undefined,
    pid,
  }
}

/** `127.0.0.1:80`, `[::1]:80`, `[fe80::1%5]:80`. */
function parseEnd(text: string): InetAddress | undefined {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? bare ?? ''
  const kind = isIP(host.replace(/%.*$/, ''))
  if (kind === 0 || Number(port) > 65_535) return undefined
  return { family: kind === 4 ? 'ipv4' : 'ipv6', host, port: Number(port) }
}

/** Only a listener has no port at its other end; only what has no process any more is 0. */
function stateOf(
  word: string,
  { remote, pid }: { readonly remote: InetAddress; readonly pid: number },
): SocketState | undefined {
  const known = STATES.get(word.toUpperCase().replaceAll(/[^A-Z\d]/g, ''))
  if (known !== undefined) return known
  if (remote.port === 0) return 'listen'
  return pid === 0 ? 'time-wait' : undefined
}

/**
 * English and German, with the letters of ASCII only: the others come in the code page of the console,
 * which is not known here.
 */
const STATES: ReadonlyMap<string, SocketState> = new Map([
  ['LISTENING', 'listen'],
  ['ESTABLISHED', 'established'],
  ['SYNSENT', 'syn-sent'],
  ['SYNRECEIVED', 'syn-recv'],
  ['FINWAIT1', 'fin-wait-1'],
  ['FINWAIT2', 'fin-wait-2'],
  ['CLOSEWAIT', 'close-wait'],
  ['CLOSING', 'closing'],
  ['LASTACK', 'last-ack'],
  ['TIMEWAIT', 'time-wait'],
  ['CLOSED', 'unconnected'],
  ['BOUND', 'bound-inactive'],
  ['ABHREN', 'listen'],
  ['HERGESTELLT', 'established'],
  ['SYNGESENDET', 'syn-sent'],
  ['SYNEMPFANGEN', 'syn-recv'],
  ['SCHLIESSENWARTEN', 'close-wait'],
  ['WARTEND', 'time-wait'],
])
