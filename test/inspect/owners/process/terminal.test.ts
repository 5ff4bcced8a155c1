import { describe, expect, it } from 'vitest'
import { terminalName } from '../../../../src/inspect/owners/process/terminal.ts'

describe('terminalName', () => {
  it.each<[number, string | undefined]>([
    [0, undefined],
    [34816, 'pts/0'],
    [34819, 'pts/3'],
    [(137 << 8) | 1, 'pts/257'],
    [(136 << 8) | 5 | (1 << 20), 'pts/261'],
    [1025, 'tty1'],
    [1088, 'ttyS0'],
    [(229 << 8) | 0, 'hvc0'],
    [(99 << 8) | 7, '99:7'],
  ])('names %j', (number, expected) => {
    expect(terminalName(number)).toBe(expected)
  })
})
