import type { Scheme } from '../endpoint/types.ts'

/** What a transport can do, as far as its users notice. */
export interface Abilities {
  readonly listens: boolean
  readonly dials: boolean
  /** What its channels carry. */
  readonly framing: 'stream' | 'message'
  /** The end of one side is heard while the other goes on. */
  readonly halfCloses: boolean
  /** Breaking off is heard as that, and not as an end. */
  readonly resets: boolean
  /** Nothing is lost on the way, and a slow reader slows the sender down. */
  readonly isReliable: boolean
  /** Handlers that do something else over it, and what. */
  readonly differs?: Readonly<Record<string, string>>
}

const STREAM: Abilities = {
  listens: true,
  dials: true,
  framing: 'stream',
  halfCloses: true,
  resets: true,
  isReliable: true,
}

/** What each transport can do. The README prints it, and a test tries all of it with every handler. */
export const ABILITIES = {
  tcp: STREAM,
  // unix(7) has no RST.
  unix: { ...STREAM, resets: false },
  fd: { ...STREAM, dials: false },
  udp: {
    ...STREAM,
    framing: 'message',
    halfCloses: false,
    resets: false,
    isReliable: false,
    differs: { chargen: 'a datagram for each that comes, never a flood' },
  },
  // RFC 6455 §5.5.1: who has sent a close frame sends no more, and is waited for but a moment.
  ws: { ...STREAM, framing: 'message', halfCloses: false },
} as const satisfies Partial<Record<Scheme, Abilities>>

/** The transports whose abilities are known. */
export type AbleScheme = keyof typeof ABILITIES
