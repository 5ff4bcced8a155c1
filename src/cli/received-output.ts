import { createWriteStream, type WriteStream } from 'node:fs'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { systemError } from '../errors.ts'
import type { OutputStream } from './context.ts'
import { TerminalFilter } from './terminal-filter.ts'

/** Where what a peer sends goes: to stdout, filtered where that is a terminal, and into a file. */
export interface ReceivedOutput {
  readonly stream: Writable
  /** Waits until everything is written. */
  close(): Promise<void>
}

export interface ReceivedOptions {
  /** A file that gets it too, byte for byte. */
  readonly file?: string | undefined
  /** A terminal gets the bytes as they are, to obey them. */
  readonly raw?: boolean | undefined
}

/** @throws ERR_NOT_FOUND, ERR_DENIED when the file cannot be written */
export async function openReceivedOutput(
  stdout: OutputStream,
  { file, raw }: ReceivedOptions,
): Promise<ReceivedOutput> {
  const filter = stdout.isTTY === true && raw !== true ? new TerminalFilter() : undefined
  // The everyday case has nothing in between.
  if (file === undefined && filter === undefined) return { stream: stdout, close: async () => {} }
  const copy = file === undefined ? undefined : await openFile(file)
  const stream = new ReceivedStream(stdout, { filter, copy, file })
  return {
    stream,
    async close() {
      if (stream.errored === null) await finished(stream.end())
    },
  }
}

async function openFile(file: string): Promise<WriteStream> {
  const stream = createWriteStream(file)
  try {
    await new Promise((resolve, reject) => {
      stream.once('open', resolve)
      stream.once('error', reject)
    })
    return stream
  } catch (error) {
    throw systemError(`cannot write to ${file}`, error)
  }
}

interface Destinations {
  readonly filter: TerminalFilter | undefined
  readonly copy: WriteStream | undefined
  readonly file: string | undefined
}

class ReceivedStream extends Writable {
  readonly #stdout: OutputStream
  readonly #to: Destinations

  constructor(stdout: OutputStream, to: Destinations) {
    super({ highWaterMark: 64 * 1024 })
    this.#stdout = stdout
    this.#to = to
    to.copy?.on('error', error => this.destroy(this.#fileError(error)))
  }

  #fileError(error: Error): Error {
    return systemError(`cannot write to ${this.#to.file}`, error)
  }

  /** The next chunk comes when all have taken this one: the slowest sets the pace. */
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const { filter, copy } = this.#to
    let waiting = copy === undefined ? 1 : 2
    const taken = (): void => {
      if (--waiting === 0) done()
    }
    copy?.write(chunk, taken)
    this.#stdout.write(filter === undefined ? chunk : filter.push(chunk), taken)
  }

  override _final(done: (error?: Error) => void): void {
    const { filter, copy } = this.#to
    const rest = filter?.end() ?? ''
    if (rest !== '') this.#stdout.write(rest)
    if (copy === undefined) done()
    else
      copy.end((error?: Error | null) => done(error == null ? undefined : this.#fileError(error)))
  }
}
