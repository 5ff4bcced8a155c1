import type { Channel } from '../channel/types.ts'

/** One who is to get what others say. */
export interface Consumer {
  /** Of bytes: messages have their length before them there (framing `packets`). */
  readonly channel: Channel
  /** What it gets: bytes as they come, or messages. Default: bytes. */
  readonly framing?: Channel['framing']
  /** Says something about it to a person: one line, no full stop. */
  note(text: string): void
}
