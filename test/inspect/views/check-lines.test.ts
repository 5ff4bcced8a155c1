import { expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import { checkLines } from '../../../src/inspect/views/check-lines.ts'
import { checkResults } from '../../support/check-results.ts'

it('writes what fails first, then what could not be told, then what is in order', () => {
  const lines = [...checkLines(checkResults(), { paint: PLAIN })].join('').split('\n')
  expect(lines.map(line => line.slice(0, 6))).toEqual([
    'FAIL  ',
    '      ',
    '      ',
    'FAIL  ',
    '?     ',
    'ok    ',
    '',
  ])
  expect(lines[1]).toContain('      held by x\\r\\n::error::')
  expect(lines[4]).toBe('?     cannot be seen')
})
