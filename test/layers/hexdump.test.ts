import { duplexPair } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Channel } from '../../src/channel/types.ts'
import { hexdump, hexLines } from '../../src/layers/hexdump.ts'
import { readAll } from '../support/read-all.ts'

describe('hexLines', () => {
  it('writes bytes as hexdump -C does', () => {
    const bytes = Buffer.from('0123456789abcdef\x00\n\xff', 'latin1')
    expect([...hexLines(bytes)]).toEqual([
      '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|',
      '00000010  00 0a ff                                          |...|',
    ])
  })

  it('counts from an offset', () => {
    expect([...hexLines(Buffer.from('hi'), 0x1f)]).toEqual([
      '0000001f  68 69                                             |hi|',
    ])
  })

  it('writes nothing about nothing', () => {
    expect([...hexLines(Buffer.alloc(0))]).toEqual([])
  })
})

describe('hexdump', () => {
  it('shows each direction with its own offsets, and changes nothing', async () => {
    const [inner, peer] = duplexPair()
    const channel: Channel = {
      duplex: inner,
      framing: 'stream',
      local: { family: 'unix', path: '' },
      remote: { family: 'unix', path: '' },
      facts: {},
      reset: () => inner.destroy(),
    }
    const lines: string[] = []
    const { duplex } = hexdump((line, direction) => lines.push(`${direction}|${line}`))(channel)
    const received = readAll(duplex)
    peer.write('one')
    peer.end('two')
    expect((await received).toString()).toBe('onetwo')
    duplex.write('1')
    duplex.end('\x1b')
    expect((await readAll(peer)).toString()).toBe('1\x1b')
    expect(lines.map(line => line.replace(/ {2,}/g, ' '))).toEqual([
      '<|< 00000000 6f 6e 65 |one|',
      '<|< 00000003 74 77 6f |two|',
      '>|> 00000000 31 |1|',
      '>|> 00000001 1b |.|',
    ])
  })
})
