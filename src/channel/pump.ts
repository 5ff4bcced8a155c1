import type { Duplex, Readable, Writable } from 'node:stream'

/**
 * Copies what arrives on one stream to another, with back-pressure, and passes the end on as a
 * half-close. Leaner than `pipe` in memory and calls, and the two may be the same stream.
 * Errors are not passed on: whoever joins two streams decides what they mean.
 */
export function pump(from: Readable, to: Writable): void {
  from.on('data', chunk => {
    // What the system has taken by now need not hold the next chunk up, however large it was.
    if (!to.write(chunk) && to.writableLength > 0) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => to.end())
}

/** Settles when the stream is closed for good; rejects with the error that closed it. */
export function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.closed) return stream.errored === null ? resolve() : reject(stream.errored)
    stream.on('error', reject)
    stream.on('close', resolve)
  })
}
