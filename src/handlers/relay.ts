import { Cutter } from '../channel/framing.ts'
import { closed } from '../channel/pump.ts'
import { asStream } from '../channel/reframe.ts'
import type { Message } from '../channel/types.ts'
import type { Room } from '../relay/room.ts'
import { WholeLines } from '../relay/whole-lines.ts'
import type { Handler } from './types.ts'

export interface RelaySettings {
  /** Where the peers meet. Several servers may share it. */
  readonly room: Room
  /** Passes whole lines on, so that those of several senders are never torn. Else what was read. */
  readonly lines?: boolean | undefined
}

/**
 * Passes what each peer sends on to all the others in the room. A message stays one, of its kind, for
 * those who get messages; for the others it is its bytes, and with `lines` a line. What a stream says is a message
 * as it was read, or with `lines` one for each line.
 */
export function relay({ room, lines = false }: RelaySettings): Handler {
  return async (peer, context) => {
    const { framing } = peer
    const channel = asStream(peer, 'packets')
    const { duplex } = channel
    const member = room.enter({ channel, framing, note: text => context.note(text) })
    if (framing === 'message') {
      const cutter = new Cutter('packets')
      duplex.on('data', chunk => {
        cutter.cut(chunk, message => {
          const { data } = message
          room.say(member, lines ? withEnd(data) : data, () => [message])
        })
      })
    } else if (lines) {
      const wholeLines = new WholeLines(said => room.say(member, said, () => linesOf(said)))
      duplex.on('data', chunk => wholeLines.add(chunk))
      duplex.on('end', () => wholeLines.end())
    } else {
      duplex.on('data', (data: Buffer) => room.say(member, data))
    }
    // Messages have no half-close: who has ended his side hears no more.
    if (framing === 'message') duplex.on('end', () => duplex.end())
    duplex.on('end', () => room.fallSilent(member))
    try {
      await closed(duplex)
    } finally {
      room.leave(member)
    }
  }
}

const LINE_FEED = 0x0a

function withEnd(line: Buffer): Buffer {
  return line.at(-1) === LINE_FEED ? line : Buffer.concat([line, Buffer.of(LINE_FEED)])
}

/** Without their ends: a line that was too long has none. */
function linesOf(said: Buffer): Message[] {
  const lines: Message[] = []
  const cutter = new Cutter('lines')
  cutter.cut(said, line => lines.push(line))
  cutter.end(line => lines.push(line))
  return lines
}
