import { isUtf8 } from 'node:buffer'
import { formatAddress } from '../address.ts'
import { terminalText } from '../terminal-text.ts'
import type { Datagram } from '../transports/udp/types.ts'
import { formatDuration } from '../units.ts'
import type { Paint } from './color.ts'
import { payloadText } from './payload-text.ts'

export interface DatagramLineOptions {
  readonly paint: Paint
  readonly hex?: boolean | undefined
  /** Columns of the terminal; undefined where there is none. */
  readonly columns?: number | undefined
  /** From sending to this reply. */
  readonly rttMs?: number | undefined
}

/**
 * One line about a datagram: `#2 10.0.0.7:53211  5 B  hello`. A long payload is cut, since its place
 * is stdout; asked for by its flag, hex is shown whole.
 */
export function datagramLine(datagram: Datagram, options: DatagramLineOptions): string {
  const { id, remote, data } = datagram
  const { paint, hex, columns, rttMs } = options
  const number = `#${id}`
  const peer = terminalText(formatAddress(remote))
  const facts = [peer, `${data.length} B`, ...(rttMs === undefined ? [] : [formatDuration(rttMs)])]
  const head = `${number} ${facts.join('  ')}  `
  const room = (columns ?? LINE_WITHOUT_TERMINAL) - head.length
  const width = hex === true ? undefined : Math.max(room, SHORTEST_PREVIEW)
  const text = payloadText(data, { hex, width })
  return `${paint.dim(number)} ${facts.join('  ')}  ${paint.inbound(text)}\n`
}

/** The length of a line where no terminal sets one. */
const LINE_WITHOUT_TERMINAL = 160

/** Columns that a payload gets even on a terminal that is too narrow. */
const SHORTEST_PREVIEW = 16

/** A datagram as JSON shows it: `text` where it is text, else `base64`. */
export function datagramRecord({ id, remote, local, data }: Datagram): Record<string, unknown> {
  const content = isUtf8(data) ? { text: data.toString() } : { base64: data.toString('base64') }
  return { id, remote, local, bytes: data.length, ...content }
}

/** A payload that is to be a line: with a line break at its end, if it has none. */
export function withLineEnd(data: Buffer): Buffer {
  return data.at(-1) === LINE_END[0] ? data : Buffer.concat([data, LINE_END])
}

const LINE_END = Buffer.from('\n')
