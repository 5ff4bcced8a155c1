import { createReadStream, type Stats, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { type SockctlError, systemError, usageError } from '../errors.ts'
import { MAX_MESSAGE_BYTES } from '../transports/websocket/types.ts'
import { formatBytes } from '../units.ts'
import type { OptionDefinition } from './commands/types.ts'
import { parseEscapes } from './escapes.ts'
import { parseHex } from './parse-hex.ts'
import { gather } from './read-limited.ts'

/** A piece of what is sent, as one flag gave it. */
export type SendPart = BytesPart | FilePart

interface BytesPart {
  readonly order: number
  readonly data: Buffer
}

interface FilePart {
  readonly order: number
  /** `-` is stdin. */
  readonly file: string
}

/** What the flags of `sendOptions` give. */
export interface SendFlags {
  readonly send?: readonly SendPart[]
  readonly sendHex?: readonly SendPart[]
  readonly sendFile?: readonly SendPart[]
}

/** The flags that say what to send. Each may be repeated, and they are sent as they were typed. */
export function sendOptions(): readonly OptionDefinition[] {
  // Flags come one kind at a time: their order on the command line has to be noted.
  let order = 0
  return [
    {
      flags: '--send <text>',
      text: 'Send this instead of stdin; \\r \\n \\t \\0 \\xNN are understood; repeatable',
      parse: text => ({ order: order++, data: parseEscapes(text) }),
      repeatable: true,
    },
    {
      flags: '--send-hex <bytes>',
      text: 'Send bytes written in hex: 01 00 af; repeatable',
      parse: text => ({ order: order++, data: parseHex(text) }),
      repeatable: true,
    },
    {
      flags: '--send-file <file>',
      text: 'Send what is in a file (- is stdin); repeatable',
      parse: file => ({ order: order++, file }),
      repeatable: true,
    },
  ]
}

/** All parts in the order in which they were typed. */
export function sendParts({ send = [], sendHex = [], sendFile = [] }: SendFlags): SendPart[] {
  return [...send, ...sendHex, ...sendFile].sort((a, b) => a.order - b.order)
}

/** How the parts are sent. */
export interface Sending {
  /** Each file at once, for it is to be one message. Default: piece by piece, as it is read. */
  readonly wholeFiles?: boolean | undefined
}

/** The longest file that is sent at once: what most servers take, and memory has room for. */
const LONGEST_WHOLE_BYTES = MAX_MESSAGE_BYTES

/** @throws ERR_NOT_FOUND, ERR_DENIED, ERR_USAGE for a file that cannot be sent */
export function ensureFiles(parts: readonly SendPart[], { wholeFiles }: Sending = {}): void {
  for (const part of parts) {
    if (!('file' in part) || part.file === '-') continue
    const attempt = `cannot send ${part.file}`
    let stats: Stats
    try {
      stats = statSync(part.file)
    } catch (error) {
      throw systemError(attempt, error)
    }
    if (stats.isDirectory()) throw usageError(`${attempt}: that is a folder`)
    if (wholeFiles && stats.size > LONGEST_WHOLE_BYTES) throw tooLong(part.file)
  }
}

function tooLong(file: string): SockctlError {
  return usageError(
    `cannot send ${file} as one message: it is longer than ${formatBytes(LONGEST_WHOLE_BYTES)}`,
    'To send it in pieces: --framing chunks, or lines',
  )
}

/** Everything, one part after the other. Files are read as they are sent. */
export function readParts(
  parts: readonly SendPart[],
  stdin: () => Readable,
  { wholeFiles }: Sending = {},
): Readable {
  return Readable.from(chunksOf(parts, stdin, wholeFiles))
}

async function* chunksOf(
  parts: readonly SendPart[],
  stdin: () => Readable,
  wholeFiles = false,
): AsyncIterable<Buffer> {
  for (const part of parts) {
    if ('data' in part) {
      yield part.data
      continue
    }
    const isStdin = part.file === '-'
    const chunks = isStdin ? stdin() : createReadStream(part.file)
    if (!wholeFiles) yield* chunks
    // What is no file, or grows, is found too long only now.
    else yield gather(chunks, LONGEST_WHOLE_BYTES, () => tooLong(isStdin ? 'stdin' : part.file))
  }
}
