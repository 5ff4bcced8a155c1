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
  // Our end is close_notify, which TLS 1.3 keeps apart from theirs (RFC 8446 §6.1).
  tls: STREAM,
  // Our end is a close frame, and a close frame ends both sides (RFC 6455 §5.5.1).
  ws: { ...STREAM, framing: 'message', halfCloses: false },
  wss: { ...STREAM, framing: 'message', halfCloses: false },
  socketio: { ...STREAM, framing: 'message', halfCloses: false },
  socketios: { ...STREAM, framing: 'message', halfCloses: false },
} as const satisfies Partial<Record<Scheme, Abilities>>

/** Undefined: there is no such transport yet. */
export function abilitiesOf(scheme: Scheme): Abilities | undefined {
  const known: Partial<Record<Scheme, Abilities>> = ABILITIES
  return known[scheme]
}

/** Handlers that are spoken to in bytes: nobody who comes with messages could ask them for anything. */
const OF_BYTES: readonly string[] = ['http-proxy', 'socks-proxy']

/** Whether a handler works over what a transport carries. */
export function suits(handler: string, { framing }: Pick<Abilities, 'framing'>): boolean {
  return framing === 'stream' || !OF_BYTES.includes(handler)
}

/** The transports whose abilities are known. */
export type AbleScheme = keyof typeof ABILITIES
