import { describe, expect, it } from 'vitest'
import { readPace } from '../../../../src/cli/commands/inspect/pace.ts'
import type { InspectFlags } from '../../../../src/cli/commands/inspect/question.ts'
import { inspectCommand } from '../../../../src/cli/commands/inspect.ts'
import { parseOptions } from '../../../../src/cli/option-parser.ts'

function pace(...argv: string[]) {
  return readPace(parseOptions(inspectCommand, argv).flags as unknown as InspectFlags)
}

describe('readPace', () => {
  it.each([
    [[], undefined],
    [['--counters'], undefined],
    [['--watch'], { intervalMs: 1000, count: undefined }],
    [['--counters', '--watch'], { intervalMs: 1000, count: undefined }],
    [['--counters', '--watch', '2'], { intervalMs: 2000, count: undefined }],
    [['--counters', '--watch=250ms', '--count', '3', 'listen'], { intervalMs: 250, count: 3 }],
  ])('reads %j', (argv, expected) => {
    expect(pace(...argv)).toEqual(expected)
  })

  it.each([
    [['--count', '3'], '--count needs --watch'],
    [['--counters', '--count', '3'], '--count needs --watch'],
    [['--counters', '--watch', '10ms'], 'too short a time: "10ms" (100ms at least)'],
    [['--counters', '--watch', '0'], 'too short a time'],
    [['--watch', '--max', '3'], '--max with --watch needs --leaks or --ephemeral'],
    [['--changes-only'], '--changes-only needs --watch'],
    [['--watch', '8080'], '"8080" looks like a port'],
    [['--counters', '--watch', 'listen'], 'not a time: "listen"'],
    [['--counters', '--watch', '--count', '0'], 'at least 1 interval'],
  ])('refuses %j', (argv, message) => {
    expect(() => pace(...argv)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
    expect(() => pace(...argv)).toThrow(message)
  })
})
