import type { Context, OutputStream } from './context.ts'

/** Large enough that writing costs little, small enough that the first rows are seen at once. */
const CHUNK_LENGTH = 64 * 1024

/**
 * Writes text to stdout as it is made: the next piece is asked for when the reader has taken what
 * came before. Ends early, without an error, when stdout takes no more: `main` deals with that.
 */
export async function writePieces(
  pieces: Iterable<string>,
  { stdout, outputClosed }: Pick<Context, 'stdout' | 'outputClosed'>,
): Promise<void> {
  let chunk = ''
  for (const piece of pieces) {
    chunk += piece
    if (chunk.length < CHUNK_LENGTH) continue
    await write(chunk, stdout, outputClosed)
    if (outputClosed.aborted) return
    chunk = ''
  }
  if (chunk !== '') await write(chunk, stdout, outputClosed)
}

/** Settles when the stream wants more, or never will. */
async function write(chunk: string, stdout: OutputStream, outputClosed: AbortSignal) {
  if (outputClosed.aborted || stdout.write(chunk)) return
  await new Promise<void>(resolve => {
    const done = (): void => {
      stdout.off('drain', done)
      outputClosed.removeEventListener('abort', done)
      resolve()
    }
    stdout.once('drain', done)
    outputClosed.addEventListener('abort', done)
  })
}
