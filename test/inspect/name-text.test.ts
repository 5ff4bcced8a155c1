import { expect, it } from 'vitest'
import { nameText } from '../../src/inspect/name-text.ts'

it.each([
  ['node', 'node'],
  ['kworker/0:1', 'kworker/0:1'],
  ['x pid=1', '"x pid=1"'],
  ['(orphan)', '"(orphan)"'],
  ['-sh', '"-sh"'],
  ['a"b\\', '"a\\"b\\\\"'],
  ['\u001b[2J', '"\\x1b[2J"'],
  ['', '""'],
])('writes the name %j as %s', (name, text) => {
  expect(nameText(name)).toBe(text)
})
