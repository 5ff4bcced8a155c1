import { type Transit, wrap } from '../channel/wrap.ts'
import type { Layer } from './types.ts'

const CR = 0x0d
const LF = 0x0a
const CRLF = Buffer.from([CR, LF])

/**
 * Ends the lines that go to the peer with CR LF, as SMTP, HTTP and their kin want it. A CR LF that is
 * there already is left alone, also where the two come in different chunks.
 */
export function crlf(): Layer {
  return channel => wrap(channel, { outbound: addCarriageReturns() })
}

function addCarriageReturns(): Transit {
  let lastByte = 0
  return (chunk, pass) => {
    const parts: Buffer[] = []
    let start = 0
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
      const before = at === 0 ? lastByte : chunk[at - 1]
      if (before === CR) continue
      parts.push(chunk.subarray(start, at), CRLF)
      start = at + 1
    }
    lastByte = chunk.at(-1) ?? lastByte
    pass(parts.length === 0 ? chunk : Buffer.concat([...parts, chunk.subarray(start)]))
  }
}
