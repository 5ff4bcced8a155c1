import { createReadStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { SockctlError, systemError } from '../errors.ts'
import type { OptionDefinition } from './commands/types.ts'
import { parseEscapes } from './escapes.ts'
import { parseHex } from './parse-hex.ts'

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

/** @throws ERR_NOT_FOUND, ERR_DENIED, ERR_USAGE for a file that cannot be sent */
export function ensureFiles(parts: readonly SendPart[]): void {
  for (const part of parts) {
    if (!('file' in part) || part.file === '-') continue
    const attempt = `cannot send ${part.file}`
    let isFolder: boolean
    try {
      isFolder = statSync(part.file).isDirectory()
    } catch (error) {
      throw systemError(attempt, error)
    }
    if (isFolder) throw new SockctlError('ERR_USAGE', `${attempt}: that is a folder`)
  }
}

/** Everything, one part after the other. Files are read as they are sent. */
export function readParts(parts: readonly SendPart[], stdin: () => Readable): Readable {
  return Readable.from(chunksOf(parts, stdin))
}

async function* chunksOf(parts: readonly SendPart[], stdin: () => Readable): AsyncIterable<Buffer> {
  for (const part of parts) {
    if ('data' in part) yield part.data
    else yield* part.file === '-' ? stdin() : createReadStream(part.file)
  }
}
