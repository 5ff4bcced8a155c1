import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProcessNames } from '../../../../src/inspect/sources/darwin/process-names.ts'
import { runCommand } from '../../../../src/inspect/sources/run-command.ts'
import { hasPeer } from '../../../support/peers.ts'

describe('parseProcessNames', () => {
  it('keeps the last part of a path', () => {
    const text = `    1 /sbin/launchd\n 4711 /Applications/A B.app/Contents/A B Helper (x)\n  9 -zsh\n`
    expect([...parseProcessNames(text)]).toEqual([
      [1, 'launchd'],
      [4711, 'A B Helper (x)'],
      [9, '-zsh'],
    ])
  })

  it.skipIf(!hasPeer('ps'))('reads what the real ps says of this process', async () => {
    const text = await runCommand('/bin/ps', ['-axo', 'pid=,comm='])
    expect(parseProcessNames(text).get(process.ppid)).toBeTruthy()
    expect(parseProcessNames(text).size).toBe(text.trimEnd().split('\n').length)
  })

  it('reads any text', () => {
    fc.assert(
      fc.property(fc.string(), any => {
        expect(parseProcessNames(any).size).toBeLessThanOrEqual(any.split('\n').length)
      }),
    )
  })
})
