import { Writable } from 'node:stream'
import type { Address } from '../address.ts'
import type { Farewell } from '../channel/types.ts'
import type { Endpoint } from '../endpoint/types.ts'
import { type ErrorCode, errnoOf, SockctlError } from '../errors.ts'
import type { Ended } from '../session/outcome.ts'
import type { PortResult } from '../session/port-check.ts'
import { attemptFailure, type ConnectLog } from './connect-log.ts'
import type { Context } from './context.ts'
import { eventLine } from './event-line.ts'
import { exitCodeOf } from './exit-code.ts'

/** What `sockctl connect --json` says on stderr. */
export type ConnectEvent =
  | TriedEvent
  | OpenEvent
  | CloseEvent
  | PortEvent
  | NoteEvent
  | FailureEvent

/** An address did not answer, or not as it should. */
export interface TriedEvent {
  readonly event: 'tried'
  readonly address: Address
  readonly errno?: string | undefined
  readonly text: string
  readonly durationMs: number
}

export interface OpenEvent {
  readonly event: 'open'
  readonly endpoint: Endpoint
  readonly local: Address
  readonly remote: Address
  readonly facts: Readonly<Record<string, string>>
}

export interface CloseEvent {
  readonly event: 'close'
  readonly bytesIn: number
  readonly bytesOut: number
  readonly durationMs: number
  readonly ended: Ended
  readonly farewell?: Farewell | undefined
}

/** What `-z` has found. */
export interface PortEvent {
  readonly event: 'port'
  readonly endpoint: Endpoint
  readonly result: 'open' | 'failed'
  /** Which of its addresses has answered. */
  readonly remote?: Address | undefined
  readonly code?: ErrorCode | undefined
  readonly errno?: string | undefined
  readonly text?: string | undefined
}

/** A warning. */
export interface NoteEvent {
  readonly event: 'note'
  readonly text: string
}

/** Why the exit code is not 0. */
export interface FailureEvent {
  readonly event: 'error'
  readonly code: ErrorCode
  readonly exitCode: number
  readonly errno?: string | undefined
  readonly text: string
  readonly hints: readonly string[]
}

/** Tells an event. */
export type Tell = (event: ConnectEvent) => void

/**
 * Does some work in a world where all that is said on stderr is events, a line of JSON each: also what
 * those say there who know nothing of it, and the failure that it ends with.
 *
 * @returns the exit code
 * @throws what nobody has foreseen, and what comes of a stdout that takes no more
 */
export async function inEvents(
  context: Context,
  work: (world: Context, tell: Tell) => Promise<number>,
): Promise<number> {
  const tell: Tell = event => {
    context.stderr.write(eventLine({ ...event }, context.now()))
  }
  // Not a copy: whoever copies the world opens its stdin.
  const world: Context = Object.create(context, { stderr: { value: notes(tell) } })
  try {
    return await work(world, tell)
  } catch (error) {
    if (!(error instanceof SockctlError) || context.outputClosed.aborted) throw error
    const { code, message: text, hints } = error
    const exitCode = exitCodeOf(error)
    tell({ event: 'error', code, exitCode, errno: errnoBehind(error), text, hints })
    return exitCode
  }
}

/** A stream of which each line is a note. Who writes there writes whole lines. */
function notes(tell: Tell): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      for (const text of String(chunk).split('\n')) if (text !== '') tell({ event: 'note', text })
      done()
    },
  })
}

/** The conversation, as events. */
export function eventConnectLog(tell: Tell): ConnectLog {
  return {
    tried({ address, error, durationMs }) {
      if (error === undefined) return
      const errno = errnoBehind(error)
      tell({ event: 'tried', address, errno, text: attemptFailure(error), durationMs })
    },
    connected({ local, remote, facts }, endpoint) {
      tell({ event: 'open', endpoint, local, remote, facts })
    },
    over({ bytesIn, bytesOut, durationMs, ended, farewell }) {
      tell({ event: 'close', bytesIn, bytesOut, durationMs, ended, farewell })
    },
  }
}

/** What came of a port. Through a proxy the address that answered is that of the proxy: it is left out. */
export function portEvent(
  { endpoint, attempts, error }: PortResult,
  isThroughProxy: boolean,
): PortEvent {
  if (error === undefined) {
    const answered = attempts.find(one => one.error === undefined)
    const remote = isThroughProxy ? undefined : answered?.address
    return { event: 'port', endpoint, result: 'open', remote }
  }
  const { code, message: text } = error
  return { event: 'port', endpoint, result: 'failed', code, errno: errnoBehind(error), text }
}

/** What the system said, however often it has been put in other words. */
function errnoBehind(error: unknown): string | undefined {
  if (error instanceof SockctlError) return errnoBehind(error.cause)
  const errno = errnoOf(error)
  // Node and OpenSSL have codes of their own in the same place.
  return errno !== undefined && /^E(?!RR_)[A-Z0-9_]+$/.test(errno) ? errno : undefined
}
