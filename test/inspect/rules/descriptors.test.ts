import { describe, expect, it } from 'vitest'
import {
  descriptorLimit,
  fileMax,
  unlistedSockets,
} from '../../../src/inspect/rules/descriptors.ts'
import { record } from '../../support/records.ts'
import { NODE, situation, times } from '../../support/situation.ts'

describe('descriptorLimit', () => {
  const open = (descriptors: number | undefined) => ({
    records: [record({ inode: 1 })],
    owners: { 1: [NODE] },
    processes: [{ pid: 4711, name: 'node', descriptors, descriptorLimit: 100 }],
  })

  it.each([
    [79, []],
    [80, ['warning']],
    [95, ['problem']],
    [undefined, []],
  ])('weighs %s of a hundred', (descriptors, severities) => {
    const found = descriptorLimit.check(situation(open(descriptors)))
    expect(found.map(({ severity }) => severity)).toEqual(severities)
  })

  it('names the process and its sockets', () => {
    const [found] = descriptorLimit.check(situation(open(97)))
    expect(found?.summary).toBe('node (pid 4711) has 97 of 100 file descriptors open (97 %)')
    expect(found?.evidence).toEqual(['1 socket among them: tcp listen'])
  })
})

describe('fileMax', () => {
  it('takes nine tenths', () => {
    expect(fileMax.check(situation({ settings: { 'fs/file-nr': '90 0 100' } }))).toHaveLength(1)
    expect(fileMax.check(situation({ settings: { 'fs/file-nr': '89 0 100' } }))).toEqual([])
  })
})

describe('unlistedSockets', () => {
  it('takes ten of one process', () => {
    const unlisted = (count: number) => [{ pid: 7, name: 'py', inodes: times(count, i => i + 1) }]
    const [found] = unlistedSockets.check(situation({ unlisted: unlisted(10) }))
    expect(found).toMatchObject({
      pids: [7],
      summary: expect.stringMatching(/^py \(pid 7\) holds 10/),
    })
    expect(unlistedSockets.check(situation({ unlisted: unlisted(9) }))).toEqual([])
  })
})
