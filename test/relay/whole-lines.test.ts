import { describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES, WholeLines } from '../../src/relay/whole-lines.ts'

function collect(maxLineBytes?: number): { lines: WholeLines; passed: string[] } {
  const passed: string[] = []
  return { lines: new WholeLines(data => passed.push(String(data)), maxLineBytes), passed }
}

describe('WholeLines', () => {
  it('passes on up to the last line end, and the rest when its line is whole', () => {
    const { lines, passed } = collect()
    for (const chunk of ['a\nb\nc', 'd', 'e\n', '\n', 'f']) lines.add(Buffer.from(chunk))
    expect(passed).toEqual(['a\nb\n', 'cde\n', '\n'])
  })

  it('gives the last line an end, if it has none', () => {
    const { lines, passed } = collect()
    lines.add(Buffer.from('a\nb'))
    lines.end()
    expect(passed).toEqual(['a\n', 'b\n'])
  })

  it('says nothing at the end when all was passed on', () => {
    const { lines, passed } = collect()
    lines.add(Buffer.from('a\n'))
    lines.end()
    expect(passed).toEqual(['a\n'])
  })

  it('passes a line on as it is once it is too long', () => {
    const { lines, passed } = collect(10)
    for (const chunk of ['12345', '67890', 'x', 'y\nz']) lines.add(Buffer.from(chunk))
    expect(passed).toEqual(['1234567890x', 'y\n'])
    expect(MAX_LINE_BYTES).toBe(65_536)
  })
})
