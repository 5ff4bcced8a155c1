import { createReadStream } from 'node:fs'
import { systemError, usageError } from '../errors.ts'
import { formatBytes } from '../units.ts'

/** A text from outside, and how much of it is taken. */
export interface LimitedText {
  /** What it is called: `policy lab.policy`, `text on stdin`. */
  readonly what: string
  readonly mostBytes: number
}

/**
 * Reads a text to its end, but no more than is sensible: one that is endless, or is no such text, must
 * not use up the memory.
 *
 * @throws ERR_USAGE when it is longer; it is not read any further then
 */
export async function readLimited(
  input: AsyncIterable<string | Uint8Array>,
  { what, mostBytes }: LimitedText,
): Promise<string> {
  const text = await gather(input, mostBytes, () =>
    usageError(`cannot read the ${what}: it is longer than ${formatBytes(mostBytes)}`),
  )
  return text.toString()
}

/**
 * Reads bytes to their end, and no further than they may be long.
 *
 * @throws what `tooLong` makes, when they are longer
 */
export async function gather(
  input: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  mostBytes: number,
  tooLong: () => Error,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of input) {
    const buffer = Buffer.from(chunk)
    bytes += buffer.length
    if (bytes > mostBytes) throw tooLong()
    chunks.push(buffer)
  }
  return Buffer.concat(chunks)
}

/**
 * Reads a file that was named on the command line, as `readLimited`.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED, ERR_USAGE
 */
export async function readLimitedFile(file: string, text: LimitedText): Promise<string> {
  try {
    return await readLimited(createReadStream(file), text)
  } catch (error) {
    throw systemError(`cannot read the ${text.what}`, error)
  }
}
