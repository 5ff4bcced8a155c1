import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { systemError, usageError } from '../errors.ts'
import { LARGEST_DATAGRAM_BYTES } from '../transports/udp/types.ts'
import { gather } from './read-limited.ts'

/** Bytes from somewhere, and what to call them in messages. */
export interface ByteSource {
  readonly name: string
  readonly chunks: AsyncIterable<Buffer> | Iterable<Buffer>
  /** No bytes at all are nothing to send, and not an empty datagram. */
  readonly emptyIsNothing?: boolean
}

/** The content of a file; ERR_NOT_FOUND, ERR_DENIED and their kin come when it is read. */
export function fileSource(file: string): ByteSource {
  return { name: file, chunks: chunksOf(createReadStream(file), file) }
}

/** What comes on stdin. */
export function stdinSource(stdin: Readable): ByteSource {
  return { name: 'stdin', chunks: chunksOf(stdin, 'stdin'), emptyIsNothing: true }
}

async function* chunksOf(stream: Readable, name: string): AsyncGenerator<Buffer> {
  try {
    yield* stream
  } catch (error) {
    throw systemError(`cannot read ${name}`, error)
  }
}

/**
 * All bytes of a source as one datagram.
 *
 * @throws ERR_USAGE as soon as they are too many, and where there is nothing
 */
export async function* wholeAsDatagram(source: ByteSource): AsyncGenerator<Buffer> {
  const { name, chunks, emptyIsNothing } = source
  const datagram = await gather(chunks, LARGEST_DATAGRAM_BYTES, () =>
    usageError(
      `${name} does not fit in one datagram (${LARGEST_DATAGRAM_BYTES} bytes at most)`,
      'With --lines each line is one.',
    ),
  )
  if (datagram.length === 0 && emptyIsNothing === true) {
    throw usageError(`nothing to send: ${name} is empty`, "For an empty datagram write ''.")
  }
  yield datagram
}

/**
 * Each line of a source as a datagram, without its line break (LF or CR LF).
 *
 * @throws ERR_USAGE at a line that is too long
 */
export async function* linesAsDatagrams({ name, chunks }: ByteSource): AsyncGenerator<Buffer> {
  let number = 1
  let rest: Buffer = Buffer.alloc(0)
  const fitting = (line: Buffer): Buffer => {
    if (line.length <= LARGEST_DATAGRAM_BYTES) return line
    throw usageError(
      `line ${number} of ${name} does not fit in one datagram (${LARGEST_DATAGRAM_BYTES} bytes at most)`,
    )
  }
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = rest.indexOf(LF); end !== -1; end = rest.indexOf(LF, start)) {
      yield fitting(rest.subarray(start, rest[end - 1] === CR && end > start ? end - 1 : end))
      number++
      start = end + 1
    }
    rest = rest.subarray(start)
    // One more for a CR that may belong to the line break.
    fitting(rest.subarray(0, -1))
  }
  if (rest.length > 0) yield fitting(rest)
}

const LF = 0x0a
const CR = 0x0d
