import { wrap } from '../channel/wrap.ts'
import type { Layer } from './types.ts'

/** `<` came from the peer, `>` goes to it. */
export type Direction = '<' | '>'

/** Shows the bytes of both directions, line by line, each counted from its own start. */
export function hexdump(show: (line: string, direction: Direction) => void): Layer {
  return channel => {
    const watch = (direction: Direction) => {
      let offset = 0
      return (chunk: Buffer, pass: (part: Buffer) => void): void => {
        for (const line of hexLines(chunk, offset)) show(`${direction} ${line}`, direction)
        offset += chunk.length
        pass(chunk)
      }
    }
    return wrap(channel, { inbound: watch('<'), outbound: watch('>') })
  }
}

const BYTES_PER_LINE = 16
const HALF = BYTES_PER_LINE / 2

/**
 * Writes bytes as `hexdump -C` does: offset, sixteen bytes in hex, and the printable ones as text.
 * Lines begin where the chunk begins, so that a short message is a short line.
 *
 * @param offset of the first byte in its stream
 */
export function* hexLines(bytes: Buffer, offset = 0): Iterable<string> {
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const part = bytes.subarray(at, at + BYTES_PER_LINE)
    const pairs = Array.from(part, byte => byte.toString(16).padStart(2, '0'))
    const hex = `${pairs.slice(0, HALF).join(' ')}  ${pairs.slice(HALF).join(' ')}`
    const text = part.toString('latin1').replace(/[^ -~]/g, '.')
    const place = (offset + at).toString(16).padStart(8, '0')
    yield `${place}  ${hex.padEnd(BYTES_PER_LINE * 3)}  |${text}|`
  }
}
