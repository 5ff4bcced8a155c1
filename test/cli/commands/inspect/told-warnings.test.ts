import { expect, it } from 'vitest'
import { ToldWarnings } from '../../../../src/cli/commands/inspect/told-warnings.ts'
import type { Warning } from '../../../../src/inspect/types.ts'

it('gives each warning once, when it comes up', () => {
  const hidden: Warning = { code: 'owners-hidden', message: 'the owner of 1 socket is hidden' }
  const cut: Warning = { code: 'incomplete', message: 'some may be missing' }
  const told = new ToldWarnings()
  expect(told.take([hidden])).toEqual([hidden])
  expect(told.take([hidden, cut])).toEqual([cut])
  expect(told.take([])).toEqual([])
  expect(told.take([cut, hidden])).toEqual([])
})
