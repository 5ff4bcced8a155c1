import type { Channel } from '../channel/types.ts'

/** One who is to get what others say. */
export interface Consumer {
  readonly channel: Channel
  /** Says something about it to a person: one line, no full stop. */
  note(text: string): void
}
