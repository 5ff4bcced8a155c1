import { expect, it } from 'vitest'
import { unseenParts } from '../../../src/inspect/checks/unseen-parts.ts'
import type { Warning } from '../../../src/inspect/types.ts'

const warnings: readonly Warning[] = [
  { code: 'owners-hidden', message: 'the owner of 1 socket is hidden' },
  { code: 'incomplete', message: 'some may be missing' },
  { code: 'source-limited', message: '/proc does not show marks' },
]

it('gives a result without an answer for each part that matters and was not seen', () => {
  const results = unseenParts({ warnings }, ['owners-hidden', 'incomplete'])
  expect(results).toMatchObject([
    { name: 'sight.owners-hidden', ok: false, unseen: 'denied', severity: 'warning' },
    { name: 'sight.incomplete', ok: false, unseen: 'unsupported', severity: 'problem' },
  ])
  expect(unseenParts({ warnings }, ['netns-hidden'])).toEqual([])
})
