import type { Duplex } from 'node:stream'
import { takeThrough } from '../../channel/take.ts'
import { SockctlError } from '../../errors.ts'

/** More than a request or an answer about a tunnel ever needs. */
const LONGEST_HEAD = 16 * 1024

/** The first line of an HTTP message and its header fields, by their names in lower case. */
export interface HttpHead {
  readonly start: string
  readonly fields: ReadonlyMap<string, string>
}

/**
 * Takes the head of an HTTP message out of a stream (RFC 9112 §2), up to the empty line.
 *
 * @throws ERR_PROTOCOL when it is none; otherwise as `takeBytes`
 */
export async function takeHead(duplex: Duplex): Promise<HttpHead> {
  const bytes = await takeThrough(duplex, '\n', LONGEST_HEAD)
  const start = bytes.toString('latin1').trimEnd()
  if (!/HTTP\/1\.[01]\b/.test(start)) throw notHttp(start)
  const fields = new Map<string, string>()
  for (let left = LONGEST_HEAD - bytes.length; ; ) {
    const line = await takeThrough(duplex, '\n', left)
    left -= line.length
    const text = line.toString('latin1').trimEnd()
    if (text === '') return { start, fields }
    const [, name = '', value = ''] = /^([^\s:]+):[ \t]*(.*)$/.exec(text) ?? []
    if (name === '') throw new SockctlError('ERR_PROTOCOL', `not a header field: ${brief(text)}`)
    fields.set(name.toLowerCase(), value)
  }
}

function notHttp(start: string): SockctlError {
  return new SockctlError('ERR_PROTOCOL', `that is not HTTP/1.1: ${brief(start)}`)
}

function brief(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
