import { closed } from '../channel/pump.ts'
import type { Room } from '../relay/room.ts'
import { WholeLines } from '../relay/whole-lines.ts'
import type { Handler } from './types.ts'

export interface RelaySettings {
  /** Where the peers meet. Several servers may share it. */
  readonly room: Room
  /** Passes whole lines on, so that those of several senders are never torn. Else what was read. */
  readonly lines?: boolean | undefined
}

/** Passes what each peer sends on to all the others in the room. */
export function relay({ room, lines = false }: RelaySettings): Handler {
  return async (channel, context) => {
    const { duplex } = channel
    const member = room.enter({ channel, note: text => context.note(text) })
    const say = (data: Buffer): void => room.say(member, data)
    if (lines) {
      const wholeLines = new WholeLines(say)
      duplex.on('data', chunk => wholeLines.add(chunk))
      duplex.on('end', () => wholeLines.end())
    } else {
      duplex.on('data', say)
    }
    duplex.on('end', () => room.fallSilent(member))
    try {
      await closed(duplex)
    } finally {
      room.leave(member)
    }
  }
}
