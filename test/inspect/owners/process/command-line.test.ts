import { describe, expect, it } from 'vitest'
import {
  commandText,
  parseCommandLine,
} from '../../../../src/inspect/owners/process/command-line.ts'

describe('parseCommandLine', () => {
  it.each<[string, string[]]>([
    ['node\0a b\0--x=\0\0y\0', ['node', 'a b', '--x=', '', 'y']],
    ['nginx: worker process\0\0\0\0', ['nginx: worker process']],
    ['', []],
    ['\0', []],
  ])('reads %j', (text, expected) => {
    expect(parseCommandLine(text)).toEqual(expected)
  })
})

describe('commandText', () => {
  it.each<[string[], string]>([
    [['node', 'a b', "it's", '--x=1', ''], "node 'a b' 'it'\\''s' --x=1 ''"],
    [['nginx: worker process'], 'nginx: worker process'],
    [['app', '--password', 'x y'], 'app --password ***'],
  ])('writes %j', (words, expected) => {
    expect(commandText(words)).toBe(expected)
  })
})
