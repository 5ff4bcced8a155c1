import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  parseCount,
  parseDuration,
  parseFrequency,
  parseRate,
  parseSize,
} from '../src/units.ts'

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['2', 2000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['0.2', 200],
    ['1d', 86_400_000],
    ['0', 0],
  ])('reads %s as %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', 'abc', '-1s', '1x', '1s2s', '5 minutes', '1e3', '25d', 'Infinity'])(
    'refuses "%s"',
    text => {
      expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
    },
  )
})

describe('parseSize', () => {
  it.each([
    ['512', 512],
    ['64k', 65_536],
    ['64KiB', 65_536],
    ['10MB', 10_000_000],
    ['1GiB', 1_073_741_824],
    ['1.5k', 1536],
  ])('reads %s as %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  it.each(['', 'k', '1kk', '-5', '1 TBx'])('refuses "%s"', text => {
    expect(() => parseSize(text)).toThrow(/not a size/)
  })
})

describe('parseRate', () => {
  it('reads a size per second, with or without the /s', () => {
    expect(parseRate('64KiB/s')).toBe(65_536)
    expect(parseRate('1M')).toBe(1_048_576)
  })

  it('refuses a rate at which nothing would ever pass', () => {
    expect(() => parseRate('0')).toThrow(/not a rate/)
  })
})

describe('parseFrequency', () => {
  it.each([
    ['10/s', { count: 10, perMs: 1000 }],
    ['100/m', { count: 100, perMs: 60_000 }],
    ['5/10s', { count: 5, perMs: 10_000 }],
    ['1/250ms', { count: 1, perMs: 250 }],
  ])('reads %s', (text, frequency) => {
    expect(parseFrequency(text)).toEqual(frequency)
  })

  it.each(['', '10', '0/s', '10/', '/s', '1.5/s', '-1/s', '10/0s', '10/x', '10/s/s'])(
    'refuses "%s"',
    text => {
      expect(() => parseFrequency(text)).toThrow(/not a number per time/)
    },
  )
})

describe('parseCount', () => {
  it.each(['', '-1', '1.5', '1e3', '0x10', '99999999999999999999'])('refuses "%s"', text => {
    expect(() => parseCount(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
  })

  it('reads what it is given', () => {
    fc.assert(fc.property(fc.nat(), n => parseCount(String(n)) === n))
  })
})

describe('formatDuration', () => {
  it.each([
    [0.42, '0.4 ms'],
    [350, '350 ms'],
    [2100, '2.1 s'],
    [200_000, '3 m 20 s'],
    [7_800_000, '2 h 10 m'],
    [360_000_000, '4 d 4 h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [1536, '1.5 KiB'],
    [268_435_456, '256 MiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1204, '1,204'],
    [1_234_567, '1,234,567'],
    [470.5, '471'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})

describe('formatCount', () => {
  it.each([
    [0, '0 datagrams, 0 replies'],
    [1, '1 datagram, 1 reply'],
    [2, '2 datagrams, 2 replies'],
  ])('writes %i', (count, expected) => {
    const text = `${formatCount(count, 'datagram')}, ${formatCount(count, 'reply', 'replies')}`
    expect(text).toBe(expected)
  })
})
