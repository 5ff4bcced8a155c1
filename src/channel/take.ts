import type { Duplex } from 'node:stream'
import { SockctlError } from '../errors.ts'

/**
 * Takes the next bytes out of a stream that nobody reads yet. What follows them stays in it, and its
 * end stays untold, for whoever reads it after.
 *
 * @param length at least 1
 * @throws ERR_INCOMPLETE when it ends before; what broke it, when it breaks
 */
export async function takeBytes(duplex: Duplex, length: number): Promise<Buffer> {
  const parts: Buffer[] = []
  for (let missing = length; ; ) {
    // Never more than is there: a read beyond the end has it told while nobody listens.
    const there = Math.min(missing, duplex.readableLength)
    if (there > 0) parts.push(duplex.read(there))
    missing -= there
    if (missing === 0) return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    await more(duplex)
  }
}

/**
 * Takes all up to the first occurrence of these bytes, and them too.
 *
 * @param limit how many bytes it may be, `ending` and all
 * @throws ERR_LIMIT when it is longer; otherwise as `takeBytes`
 */
export async function takeThrough(duplex: Duplex, ending: string, limit: number): Promise<Buffer> {
  const wanted = Buffer.from(ending, 'latin1')
  const taken: Buffer[] = []
  let last = Buffer.alloc(0)
  while (taken.length < limit) {
    // One at a time, as nothing behind the ending may be taken. It is little, and once.
    const byte = await takeBytes(duplex, 1)
    taken.push(byte)
    last = Buffer.concat([last, byte]).subarray(-wanted.length)
    if (last.equals(wanted)) return Buffer.concat(taken)
  }
  throw new SockctlError('ERR_LIMIT', `no end in the first ${limit} bytes`)
}

/** Waits until there is something to read. */
function more(duplex: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      duplex.off('readable', look).off('end', onEnd).off('close', onEnd).off('error', reject)
      act()
    }
    const look = (): void => {
      if (duplex.readableLength > 0) settle(resolve)
      // Has the stream go on, or tell its end.
      else duplex.read(0)
    }
    const onEnd = (): void => {
      const error = duplex.errored ?? new SockctlError('ERR_INCOMPLETE', 'the peer has left')
      settle(() => reject(error))
    }
    if (duplex.readableEnded || duplex.destroyed) return onEnd()
    duplex.on('readable', look).on('end', onEnd).on('close', onEnd).on('error', reject)
    look()
  })
}
