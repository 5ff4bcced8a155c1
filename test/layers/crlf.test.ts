import { duplexPair } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Channel } from '../../src/channel/types.ts'
import { crlf } from '../../src/layers/crlf.ts'
import { readAll } from '../support/read-all.ts'

/** What arrives at the peer when these chunks are written. */
async function sent(...chunks: readonly string[]): Promise<string> {
  const [inner, peer] = duplexPair()
  const channel: Channel = {
    duplex: inner,
    framing: 'stream',
    local: { family: 'unix', path: '' },
    remote: { family: 'unix', path: '' },
    facts: {},
    reset: () => inner.destroy(),
  }
  const { duplex } = crlf()(channel)
  const received = readAll(peer)
  for (const chunk of chunks) duplex.write(chunk)
  duplex.end()
  return (await received).toString()
}

describe('crlf', () => {
  it.each([
    [['a\nb'], 'a\r\nb'],
    [['\n\n'], '\r\n\r\n'],
    [['a\r\nb\n'], 'a\r\nb\r\n'],
    [['a\r', '\nb'], 'a\r\nb'],
    [['a', '\nb'], 'a\r\nb'],
    [['a\r\r\n'], 'a\r\r\n'],
    [['a\rb'], 'a\rb'],
    [['none'], 'none'],
  ])('sends %j with CR LF', async (chunks, expected) => {
    expect(await sent(...chunks)).toBe(expected)
  })

  it('does not depend on how the bytes are cut into chunks', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n'), maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(text, fc.nat(20), async (whole, at) => {
        const pieces = [whole.slice(0, at), whole.slice(at)].filter(piece => piece !== '')
        expect(await sent(...pieces)).toBe(whole.replace(/\r?\n/g, '\r\n'))
      }),
    )
  })
})
