import { describe, expect, it } from 'vitest'
import { factLines } from '../../../src/inspect/views/wrap-facts.ts'

const plain = (text: string): string => text

describe('factLines', () => {
  it('puts as many facts in a line as there is room for', () => {
    expect(factLines(['rtt 1ms', 'cwnd 10', 'cubic'], { width: 24, paint: plain })).toBe(
      '       rtt 1ms · cwnd 10\n       cubic\n',
    )
  })

  it('counts what a terminal shows, and leaves what is too long to it', () => {
    expect(factLines(['日本', '日本日本日本'], { width: 16, paint: plain })).toBe(
      '       日本\n       日本日本日本\n',
    )
  })

  it('colours the text and not the blanks before it', () => {
    expect(factLines(['a'], { width: 80, paint: text => `<${text}>` })).toBe('       <a>\n')
  })

  it('is nothing when there is nothing to say', () => {
    expect(factLines([], { width: 80, paint: plain })).toBe('')
  })
})
