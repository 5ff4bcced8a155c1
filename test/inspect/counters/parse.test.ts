import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseLines,
  parseNumbers,
  parsePairs,
  parseSockstat,
  parseSoftnet,
} from '../../../src/inspect/counters/parse.ts'

describe('parsePairs', () => {
  it('names each value by the line before', () => {
    const text = 'Tcp: MaxConn InSegs\nTcp: -1 18446744073709551615\nUdp: NoPorts\nUdp: 7\n'
    expect(parsePairs(text)).toEqual([
      ['TcpMaxConn', -1n],
      ['TcpInSegs', 18_446_744_073_709_551_615n],
      ['UdpNoPorts', 7n],
    ])
  })

  it('leaves out what has no value, no name or no pair', () => {
    expect(parsePairs('Tcp: A B C\nTcp: 1 x\nUdp: D\nIp: 4\nTcpExt: E\nTcpExt: 5 6')).toEqual([
      ['TcpA', 1n],
      ['TcpExtE', 5n],
    ])
  })
})

describe('parseLines', () => {
  it('reads a counter to a line', () => {
    expect(parseLines('Ip6InReceives                   \t128\nbroken\n')).toEqual([
      ['Ip6InReceives', 128n],
    ])
  })
})

describe('parseSockstat', () => {
  it('names them in the manner of nstat', () => {
    const text = 'sockets: used 22\nTCP: inuse 1 orphan 0 tw 3\nTCP6: inuse 4\nFRAG: memory\n'
    expect(parseSockstat(text)).toEqual([
      ['SockstatSocketsUsed', 22n],
      ['SockstatTCPInuse', 1n],
      ['SockstatTCPOrphan', 0n],
      ['SockstatTCPTw', 3n],
      ['SockstatTCP6Inuse', 4n],
    ])
  })
})

describe('parseSoftnet', () => {
  it('adds the processors up', () => {
    const text = '00002ae3 00000001 00000002 00000000\n0000789b 00000010 00000001\n'
    expect(parseSoftnet(text)).toEqual([
      ['SoftnetProcessed', 0x2ae3n + 0x789bn],
      ['SoftnetDropped', 17n],
      ['SoftnetTimeSqueeze', 3n],
    ])
  })

  it('knows none from other text', () => {
    expect(parseSoftnet('cpu 1 2\n')).toEqual([])
  })
})

describe('parseNumbers', () => {
  it('names them in order, as far as there are names', () => {
    expect(parseNumbers('727\t0\t9223372036854775807\n', ['A', 'B', 'C'])).toEqual([
      ['A', 727n],
      ['B', 0n],
      ['C', 9_223_372_036_854_775_807n],
    ])
    expect(parseNumbers('5 6', ['A'])).toEqual([['A', 5n]])
  })
})

describe('each of them', () => {
  const word = fc.oneof(fc.constantFrom('Tcp:', 'TCP:', '-1', '0', 'A', '00ff00ff'), fc.string())
  const text = fc
    .array(fc.array(word, { maxLength: 6 }))
    .map(lines => lines.map(words => words.join(' ')).join('\n'))

  it('reads any text', () => {
    fc.assert(
      fc.property(text, any => {
        const found = [
          ...parsePairs(any),
          ...parseLines(any),
          ...parseSockstat(any),
          ...parseSoftnet(any),
          ...parseNumbers(any, ['A', 'B']),
        ]
        for (const [name, value] of found) {
          expect(name).toMatch(/^\w+$/)
          expect(typeof value).toBe('bigint')
        }
      }),
    )
  })
})
