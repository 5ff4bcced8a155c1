import { describe, expect, it } from 'vitest'
import { readFlags } from '../../../src/cli/documents/option-flags.ts'

describe('readFlags', () => {
  it.each([
    ['--quiet', undefined, '--quiet', undefined, false],
    ['-q, --quiet', '-q', '--quiet', undefined, false],
    ['-z', '-z', undefined, undefined, false],
    ['--idle <time>', undefined, '--idle', 'time', false],
    ['--watch [time]', undefined, '--watch', 'time', true],
    ['-w, --timeout <time>', '-w', '--timeout', 'time', false],
    ['--all <file...>', undefined, '--all', 'file', false],
  ])('takes %s apart', (flags, short, long, value, isValueOptional) => {
    expect(readFlags({ flags })).toEqual({ short, long, value, isValueOptional })
  })
})
