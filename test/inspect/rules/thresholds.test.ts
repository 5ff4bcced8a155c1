import { describe, expect, it } from 'vitest'
import {
  DEFAULT_THRESHOLDS,
  parseThreshold,
  THRESHOLDS,
} from '../../../src/inspect/rules/thresholds.ts'

describe('parseThreshold', () => {
  it.each(Object.entries(THRESHOLDS))(
    'reads the default of %s as it is written',
    (name, { written }) => {
      expect(parseThreshold(`${name}=${written}`)).toEqual([
        name,
        DEFAULT_THRESHOLDS[name as keyof typeof DEFAULT_THRESHOLDS],
      ])
    },
  )

  it.each([
    ['close-wait=50', 50],
    ['loss=2.5%', 2.5],
    ['loss=2', 2],
    ['idle=30m', 1_800_000],
    ['unread=1MiB', 1_048_576],
  ])('reads %s', (text, value) => {
    expect(parseThreshold(text)[1]).toBe(value)
  })

  it.each([
    ['close-wait=many', /not a whole number/],
    ['close-wait=', /not a whole number/],
    ['loss=101', /not a percentage: "101"/],
    ['loss=a%', /not a percentage/],
    ['idle=soon', /not a time/],
    ['unread=-1', /not a size/],
    ['nonsense=1', /no such threshold: "nonsense=1"/],
    ['toString=1', /no such threshold/],
    ['', /no such threshold: ""/],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseThreshold(text)).toThrow(message)
  })

  it('guesses what was meant', () => {
    expect(() => parseThreshold('closewait=5')).toThrow(
      expect.objectContaining({ hints: ['Did you mean close-wait=...?'] }),
    )
    expect(() => parseThreshold('queue')).toThrow(
      expect.objectContaining({ hints: ['Did you mean queue=...?'] }),
    )
  })
})
