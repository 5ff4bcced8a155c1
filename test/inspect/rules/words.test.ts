import { describe, expect, it } from 'vitest'
import {
  connectionLines,
  counted,
  holderText,
  inText,
  percentText,
  processesText,
  rateText,
  tally,
} from '../../../src/inspect/rules/words.ts'
import { connection } from '../../support/records.ts'
import { NGINX, NODE, times } from '../../support/situation.ts'

describe('counted, percentText, rateText, inText', () => {
  it('write what they are given', () => {
    expect(counted(1, 'address', 'addresses')).toBe('1 address')
    expect(counted(2000, 'address', 'addresses')).toBe('2,000 addresses')
    expect(percentText(27_904, 28_232)).toBe('98 %')
    expect(percentText(1, 250)).toBe('0.4 %')
    expect(percentText(1, 50)).toBe('2 %')
    expect(rateText(20 / 60)).toBe('0.3')
    expect(rateText(28_232 / 60)).toBe('471')
    expect(inText(0)).toBe('now')
    expect(inText(1200)).toBe('in 1.2 s')
  })
})

describe('processesText', () => {
  it('puts processes of one name together, and keeps the line short', () => {
    const workers = times(6, i => ({ ...NGINX, pid: 800 + i }))
    expect(processesText(workers)).toBe('nginx (pids 800, 801, 802, 803 and 2 more)')
    expect(processesText([NODE, NODE, NGINX])).toBe('node (pid 4711) and nginx (pid 800)')
  })

  it('quotes a name that could pose as words of ours', () => {
    expect(processesText([{ ...NODE, name: 'x (pid 1)' }])).toBe('"x (pid 1)" (pid 4711)')
  })
})

describe('holderText', () => {
  it('is never blank', () => {
    expect(holderText({ kind: 'hidden', uid: undefined })).toBe(
      'a process of another user (hidden from you)',
    )
    expect(holderText({ kind: 'unseen' })).toBe('a process that cannot be seen from here')
    expect(holderText({ kind: 'orphan' })).toBe('the kernel')
    const listener = { kind: 'held', owners: [NODE] } as const
    expect(holderText({ kind: 'unaccepted', listener })).toBe('the listener of node (pid 4711)')
  })
})

describe('tally', () => {
  it('counts what is the same, and names the rest by number', () => {
    expect(tally(['a', 'b', 'b', 'c', 'd', 'e'])).toBe('b (2), a (1), c (1) and 2 others')
    expect(tally(['a', 'a'])).toBe('a')
    expect(tally([])).toBe('')
  })
})

describe('connectionLines', () => {
  it('names a few, and how many more there are', () => {
    const records = times(5, i => connection('10.0.0.1:80', `10.0.0.9:${1000 + i}`))
    expect(connectionLines(records, () => '  x', 1)).toEqual([
      '10.0.0.1:80 -> 10.0.0.9:1000  x',
      'and 4 more',
    ])
  })
})
