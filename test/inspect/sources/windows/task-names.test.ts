import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTaskNames } from '../../../../src/inspect/sources/windows/task-names.ts'

const TEXT =
  '"System Idle Process","0","Services","0","8 K"\r\n' +
  '"System","4","Services","0","140 K"\r\n' +
  '"My, ""odd"" app.exe","4711","Console","1","51,204 K"\r\n'

describe('parseTaskNames', () => {
  it('reads names with commas and quotes', () => {
    expect([...parseTaskNames(TEXT)]).toEqual([
      [0, 'System Idle Process'],
      [4, 'System'],
      [4711, 'My, "odd" app.exe'],
    ])
  })

  it('knows none from a remark', () => {
    expect(parseTaskNames('INFO: No tasks are running.\r\n').size).toBe(0)
  })

  it('reads any text', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length), fc.string(), (at, any) => {
        expect(parseTaskNames(TEXT.slice(at) + any).size).toBeLessThan(6)
      }),
    )
  })
})
