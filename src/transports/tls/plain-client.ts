import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { guessProtocol, isTls, quoteFirstLine } from '../../channel/first-bytes.ts'

/**
 * Takes what a peer begins with: as little as tells TLS from all else, and of all else as much as
 * tells what it is. The stream is paused then.
 *
 * Rejects when the peer leaves without a byte.
 */
export function takeFirstBytes(duplex: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0)
    let patience: NodeJS.Timeout | undefined
    const settle = (): void => {
      clearTimeout(patience)
      duplex.off('data', take)
      duplex.off('end', settle)
      duplex.off('close', settle)
      duplex.pause()
      if (bytes.length > 0) resolve(bytes)
      else reject(new Error('it left without a word'))
    }
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      if (isTls(bytes) || isTelling(bytes)) settle()
      else patience ??= setTimeout(settle, PATIENCE_MS)
    }
    duplex.on('data', take)
    duplex.on('end', settle)
    duplex.on('close', settle)
  })
}

/** Somebody may type the rest. */
const PATIENCE_MS = 250

function isTelling(bytes: Buffer): boolean {
  return bytes.length >= 16 || bytes.includes(0x0a)
}

/**
 * Turns away a peer that does not speak TLS, with an answer: in HTTP to one that speaks that, else an
 * alert, by which it can tell what is spoken here. Returns what is wrong with it, once that is sent.
 */
export async function refusePlain(duplex: Duplex, bytes: Buffer): Promise<Error> {
  const isHttp = guessProtocol(bytes) === 'HTTP'
  duplex.resume()
  duplex.end(isHttp ? BAD_REQUEST : UNEXPECTED_MESSAGE)
  // Left while it still sends, the answer would be lost to a reset (RFC 9112 §9.6).
  await Promise.race([
    once(duplex, 'close').catch(() => {}),
    delay(LINGER_MS, undefined, { ref: false }),
  ])
  return new Error(
    isHttp
      ? 'speaks plain HTTP, not TLS: it needs https://'
      : `speaks no TLS (it said: ${quoteFirstLine(bytes)})`,
  )
}

/** A fatal alert of TLS, number 10 (RFC 8446 §6.2). */
const UNEXPECTED_MESSAGE = Buffer.from([0x15, 3, 3, 0, 2, 2, 10])

const LINGER_MS = 1000

const BODY = 'This port speaks TLS: use https:// in place of http://\n'

const BAD_REQUEST = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${Buffer.byteLength(BODY)}`,
  'Connection: close',
  '',
  BODY,
].join('\r\n')
