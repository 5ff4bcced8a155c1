import type { Duplex, Readable, Writable } from 'node:stream'
import { isRaw } from './types.ts'

/**
 * Copies what arrives on one stream to another, with back-pressure, and passes the end on as a
 * half-close. Leaner than `pipe` in memory and calls, and the two may be the same stream.
 * Errors are not passed on: whoever joins two streams decides what they mean.
 */
export function pump(from: Readable, to: Writable): void {
  const goOn = (): void => {
    if (from.isPaused()) from.resume()
  }
  // Anything but a socket might keep what it was lent.
  if (isRaw(from) && isRaw(to)) {
    from.receive((chunk, isLent) => {
      const mayMore = isLent ? to.write(chunk, goOn) : to.write(chunk)
      // Nothing may be read into memory that is lent while some of it is still to be sent.
      return (mayMore && !isLent) || isTaken(to)
    })
  } else {
    from.on('data', chunk => {
      if (!to.write(chunk) && !isTaken(to)) from.pause()
    })
  }
  to.on('drain', goOn)
  from.on('end', () => to.end())
}

/** What the system has taken by now need not hold the next chunk up, however large it was. */
function isTaken(to: Writable): boolean {
  return to.writableLength === 0
}

/** Settles when the stream is closed for good; rejects with the error that closed it. */
export function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.closed) return stream.errored === null ? resolve() : reject(stream.errored)
    stream.on('error', reject)
    stream.on('close', resolve)
  })
}
