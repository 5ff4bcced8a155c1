import { closed } from '../channel/pump.ts'
import { asStream } from '../channel/reframe.ts'
import type { Handler } from './types.ts'

const FIRST_PRINTABLE = 0x20
const PRINTABLES = 95
const LINE_LENGTH = 72

/** The pattern comes round after as many lines as there are characters: 7,030 bytes. */
const ROUNDS_PER_WRITE = 9

/**
 * Sends lines of characters as fast as the peer takes them, until it leaves (RFC 864). What it
 * sends is dropped, and so is the end of its side: it may want nothing but to read.
 */
export function chargen(): Handler {
  let pattern: Buffer | undefined
  return async (channel, { framing = 'lines' }) => {
    const { duplex } = asStream(channel, framing)
    pattern ??= Buffer.from(characterPattern().repeat(ROUNDS_PER_WRITE), 'latin1')
    const data = pattern
    const send = (): void => {
      if (duplex.writable && duplex.write(data)) setImmediate(send)
    }
    // In a turn of its own: a peer that keeps up with us must not keep us from everybody else.
    duplex.on('drain', () => setImmediate(send))
    duplex.resume()
    send()
    await closed(duplex)
  }
}

/** Each line starts one character further than the line before. */
function characterPattern(): string {
  const ring = String.fromCharCode(
    ...Array.from({ length: PRINTABLES }, (_, index) => FIRST_PRINTABLE + index),
  ).repeat(2)
  const lines = Array.from({ length: PRINTABLES }, (_, start) =>
    ring.slice(start, start + LINE_LENGTH),
  )
  return `${lines.join('\r\n')}\r\n`
}
