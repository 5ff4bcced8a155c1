import type { Readable } from 'node:stream'

/**
 * Everything until the end. Not `stream/consumers`, which destroys the stream at its end: a socket
 * whose other direction is still open would be lost.
 */
export function readAll(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => resolve(Buffer.concat(chunks)))
    stream.once('error', reject)
    stream.once('close', () => reject(new Error('closed before its end')))
  })
}
