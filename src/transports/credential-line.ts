import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Credentials, Verdict } from '../access/credentials.ts'
import { credentialOfLine } from '../access/presented.ts'
import { addFacts } from '../channel/add-facts.ts'
import type { Channel } from '../channel/types.ts'
import { SockctlError } from '../errors.ts'
import { formatBytes } from '../units.ts'
import type { Listener } from './types.ts'
import { UpgradingListener } from './upgrading-listener.ts'

/** How long a peer may take for its line when nothing is said. */
const AUTH_MS = 5000

/** A line that is longer shows nothing that we know. */
const LONGEST_LINE = 8 * 1024

/** Who is turned away is told after this time, whatever it was that took less: time tells nothing. */
const REFUSAL_MS = 50

/**
 * A listener around one of streams: the first line of each peer is its credential (`<token>` or
 * `Bearer <token>`), and what follows is the conversation. Who shows none, or a wrong one, is turned
 * away by a reset, without a word.
 */
export function askFirstLine(
  inner: Listener,
  credentials: Credentials,
  authMs = AUTH_MS,
): Listener {
  const upgrade = (channel: Channel): Promise<Channel> => letIn(channel, credentials)
  return new UpgradingListener(inner, upgrade, authMs, 'credential')
}

/**
 * Sends a credential as the first line of a conversation.
 *
 * @throws ERR_USAGE when it has a line break; ERR_UNSUPPORTED for a channel of messages
 */
export function showFirstLine({ duplex, framing }: Channel, credential: string): void {
  const problem = problemWith(framing, credential)
  if (problem === undefined) {
    duplex.write(`${credential}\n`)
  } else {
    duplex.on('error', () => {}).destroy()
    throw problem
  }
}

function problemWith(framing: Channel['framing'], credential: string): SockctlError | undefined {
  if (framing === 'message') {
    return new SockctlError('ERR_UNSUPPORTED', 'there is no place for a credential')
  }
  if (!/[\r\n]/.test(credential)) return undefined
  return new SockctlError('ERR_USAGE', 'a credential of several lines cannot be shown')
}

async function letIn(channel: Channel, credentials: Credentials): Promise<Channel> {
  if (channel.framing === 'message') throw new Error('messages have no place for a credential')
  const { duplex } = channel
  const line = await peekLine(duplex)
  const untilTold = delay(REFUSAL_MS)
  const verdict = await verdictOn(line, credentials)
  if (!verdict.isAdmitted) {
    await untilTold
    throw new Error(verdict.why)
  }
  // The line break. No more than is there: a read beyond the end has it told while nobody listens.
  duplex.read(1)
  if (verdict.user !== undefined) addFacts(channel, { user: verdict.user })
  return channel
}

async function verdictOn(line: Line, credentials: Credentials): Promise<Verdict> {
  if ('why' in line) return { isAdmitted: false, why: line.why }
  return credentials.check(credentialOfLine(line.text))
}

type Line = { readonly text: string } | { readonly why: string }

/**
 * Waits for the first line. Its line break, and what follows, stay in the stream: while it holds
 * something it does not tell its end.
 */
function peekLine(duplex: Duplex): Promise<Line> {
  return new Promise(resolve => {
    const search = new LineSearch(duplex)
    const settle = (line: Line | undefined): void => {
      if (line === undefined) return
      duplex.off('readable', look).off('end', onEnd).off('close', onEnd)
      resolve(line)
    }
    const look = (): void => settle(search.goOn())
    const onEnd = (): void => settle({ why: 'it left without a credential' })
    duplex.on('readable', look).on('end', onEnd).on('close', onEnd)
  })
}

/** Looks through what comes, however it is cut. */
class LineSearch {
  readonly #duplex: Duplex
  readonly #parts: Buffer[] = []
  #length = 0

  constructor(duplex: Duplex) {
    this.#duplex = duplex
  }

  /** Undefined: more has to come. */
  goOn(): Line | undefined {
    for (;;) {
      const chunk: Buffer | null = this.#duplex.read()
      if (chunk === null) return undefined
      const end = chunk.indexOf('\n')
      const part = end === -1 ? chunk : chunk.subarray(0, end)
      this.#parts.push(part)
      this.#length += part.length
      if (this.#length > LONGEST_LINE) {
        return { why: `no credential in the first ${formatBytes(LONGEST_LINE)}` }
      }
      if (end !== -1) {
        this.#duplex.unshift(chunk.subarray(end))
        return { text: Buffer.concat(this.#parts).toString() }
      }
    }
  }
}
