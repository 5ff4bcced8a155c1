import { type ErrorCode, SockctlError } from '../errors.ts'

/** What a script can rely on. Printed by `sockctl help exit-codes`. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'did what was asked; or stdout was closed early by its reader' },
  no: { code: 1, meaning: 'it ran, and the answer is no: no match, an expectation not met' },
  usage: { code: 2, meaning: 'unknown flag, bad endpoint, bad filter' },
  'not found': { code: 3, meaning: 'no such name, file, command or process' },
  refused: { code: 4, meaning: 'refused, unreachable, reset, or ended before it was complete' },
  timeout: { code: 5, meaning: 'connect, idle or overall time is up' },
  protocol: { code: 6, meaning: 'a handshake or framing failed (TLS, WebSocket, proxy)' },
  'in use': { code: 7, meaning: 'the address cannot be bound: something else has it' },
  denied: { code: 8, meaning: 'no permission to do it, or to see the answer' },
  unsupported: { code: 9, meaning: 'not on this platform, or not by this transport' },
  bug: { code: 70, meaning: 'anything unexpected: please report it' },
} as const satisfies Record<string, { code: number; meaning: string }>

export type ExitName = keyof typeof EXIT_CODES

const NAME_OF: Readonly<Record<ErrorCode, ExitName>> = {
  ERR_USAGE: 'usage',
  ERR_NOT_MET: 'no',
  ERR_NOT_FOUND: 'not found',
  ERR_REFUSED: 'refused',
  ERR_RESET: 'refused',
  ERR_INCOMPLETE: 'refused',
  ERR_TIMEOUT: 'timeout',
  ERR_LIMIT: 'no',
  ERR_PROTOCOL: 'protocol',
  ERR_IN_USE: 'in use',
  ERR_DENIED: 'denied',
  ERR_UNSUPPORTED: 'unsupported',
  ERR_SYSTEM: 'refused',
}

/** The exit code that an error becomes; what nobody foresaw is a bug. */
export function exitCodeOf(error: unknown): number {
  const name = error instanceof SockctlError ? NAME_OF[error.code] : 'bug'
  return EXIT_CODES[name].code
}

/** The exit code of a process that a signal ended, as shells count it: 128 + its number. */
export function exitCodeOfSignal(signal: StopSignal): number {
  return 128 + SIGNAL_NUMBERS[signal]
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/** The signals that ask sockctl to stop. */
export type StopSignal = keyof typeof SIGNAL_NUMBERS

export const STOP_SIGNALS = Object.keys(SIGNAL_NUMBERS) as readonly StopSignal[]
