import { messageOf } from '../channel/framing.ts'
import { closed } from '../channel/pump.ts'
import { asStream } from '../channel/reframe.ts'
import type { Channel } from '../channel/types.ts'
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
  return async (channel, { framing }) => {
    pattern ??= Buffer.from(characterPattern().repeat(ROUNDS_PER_WRITE), 'latin1')
    if (channel.isLossy) return answerEach(channel, pattern)
    const data = pattern
    const { duplex } = asStream(channel, framing)
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

/**
 * A datagram for each that comes, of 0 to 512 characters: nothing would stop a flood, and whoever is
 * named as the sender may not have asked for it (RFC 864, UDP Based Character Generator Service).
 */
async function answerEach({ duplex }: Channel, pattern: Buffer): Promise<void> {
  let turn = 0
  duplex.on('data', () => {
    const from = (turn++ * (LINE_LENGTH + 2)) % (pattern.length - MOST_PER_DATAGRAM)
    duplex.write(messageOf(pattern.subarray(from, from + MOST_PER_DATAGRAM)))
  })
  duplex.on('end', () => duplex.end())
  await closed(duplex)
}

const MOST_PER_DATAGRAM = 512

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
