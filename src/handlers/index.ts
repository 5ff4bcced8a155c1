import type { Handler } from './types.ts'

/** The handlers, in the order of the help. Each is loaded when it is asked for. */
export const HANDLERS = {
  echo: {
    summary: 'Send back what arrives (RFC 862)',
    load: async () => (await import('./echo.ts')).echo,
  },
  relay: {
    summary: 'Pass what each peer sends on to all the others',
    load: async () => (await import('./relay.ts')).relay,
  },
  forward: {
    summary: 'Connect each peer to a target, in turns where there are several',
    load: async () => (await import('./forward.ts')).forward,
  },
  exec: {
    summary: 'Run a command for each peer, with its stdin and stdout',
    load: async () => (await import('./exec.ts')).exec,
  },
  reply: {
    summary: 'Send the same answer to everybody, and end',
    load: async () => (await import('./reply.ts')).reply,
  },
  discard: {
    summary: 'Read what arrives and drop it (RFC 863)',
    load: async () => (await import('./discard.ts')).discard,
  },
  attach: {
    summary: 'Connect the peers to this terminal, as nc -l does',
    load: async () => (await import('./attach.ts')).attach,
  },
  hang: {
    summary: 'Accept and do nothing, as a server that is stuck',
    load: async () => (await import('./hang.ts')).hang,
  },
  chargen: {
    summary: 'Send characters as fast as the peer takes them (RFC 864)',
    load: async () => (await import('./chargen.ts')).chargen,
  },
} satisfies Record<string, HandlerEntry>

export type HandlerName = keyof typeof HANDLERS

/** A row of the table: enough to list a handler without loading it. */
export interface HandlerEntry {
  /** One line for the help. Starts with a verb, no full stop. */
  readonly summary: string
  /** Gives the factory. Each takes its own settings. */
  load(): Promise<HandlerFactory>
}

/** Makes a handler from its settings. */
export type HandlerFactory = (settings: never) => Handler
