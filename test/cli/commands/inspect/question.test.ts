import { describe, expect, it } from 'vitest'
import { type InspectFlags, readQuestion } from '../../../../src/cli/commands/inspect/question.ts'
import { inspectCommand } from '../../../../src/cli/commands/inspect.ts'
import { parseOptions } from '../../../../src/cli/option-parser.ts'
import { ALL_STATES, DEFAULT_STATES } from '../../../../src/inspect/select/states.ts'

/** What a command line asks for. */
function question(...argv: string[]) {
  const { words, flags } = parseOptions(inspectCommand, argv)
  return readQuestion(words, flags as unknown as InspectFlags)
}

describe('readQuestion', () => {
  it('takes no options for the overview of listeners, with their owners', () => {
    const { selection, ...rest } = question()
    expect(rest).toEqual({ isOverview: true, namesSockets: false, wantsOwners: true })
    expect([...selection.protocols]).toEqual(['tcp', 'udp'])
    expect([...selection.states]).toEqual(['listen', 'unconnected'])
  })

  it.each([['--json'], ['--ndjson'], ['--csv'], ['--color', 'never'], ['--source', 'procfs']])(
    'keeps the overview with %s',
    (...argv) => {
      expect(question(...argv).isOverview).toBe(true)
    },
  )

  it.each([
    ['-t', ['tcp']],
    ['-u', ['udp']],
    ['-x', ['unix']],
    ['-tu', ['tcp', 'udp']],
    ['-tx', ['tcp', 'unix']],
    ['-4', ['tcp', 'udp']],
    ['-6x', ['tcp', 'udp', 'unix']],
    ['-4t', ['tcp']],
    ['-n', ['tcp', 'udp', 'unix']],
    ['-H', ['tcp', 'udp', 'unix']],
    ['-s', ['tcp', 'udp', 'unix']],
    ['-w', ['raw']],
    ['-0', ['packet']],
    ['-tM', ['tcp', 'mptcp']],
    ['-4w', ['raw']],
  ])('%s looks at %j', (flags, protocols) => {
    const { selection, isOverview } = question(flags)
    expect([...selection.protocols]).toEqual(protocols)
    expect(isOverview).toBe(false)
  })

  it.each([
    ['-4', ['ipv4', 'unix', 'packet', 'netlink', 'vsock']],
    ['-6', ['ipv6', 'unix', 'packet', 'netlink', 'vsock']],
    ['-46', ['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock']],
    ['-t', ['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock']],
  ])('%s looks at %j', (flags, families) => {
    expect([...question(flags).selection.families]).toEqual(families)
  })

  const waiting = ['listen', 'unconnected']
  it.each<[string, readonly string[]]>([
    ['-t', DEFAULT_STATES],
    ['-p', DEFAULT_STATES],
    ['-x', DEFAULT_STATES],
    ['-0', [...DEFAULT_STATES, 'unconnected']],
    ['--netlink', [...DEFAULT_STATES, 'unconnected']],
    ['-l', waiting],
    ['-a', ALL_STATES],
    ['-la', ALL_STATES],
    ['-plant', ALL_STATES],
    ['-al', waiting],
    ['-tulpan', ALL_STATES],
    ['-s', ALL_STATES],
    ['-l --state estab', ['established']],
    ['--state listen --state estab', ['listen', 'established']],
    ['--state listen,estab', ['listen', 'established']],
    ['--port 80', ALL_STATES],
    ['--port 80 -l', waiting],
    ['--pid 1', ALL_STATES],
    ['--process x --state listen', ['listen']],
    ['80', ALL_STATES],
  ])('%s shows the states %j', (line, states) => {
    expect([...question(...line.split(' ')).selection.states]).toEqual(states)
  })

  it.each([
    ['8080', [[8080, 8080]]],
    [':8080', [[8080, 8080]]],
    [
      '80 443',
      [
        [80, 80],
        [443, 443],
      ],
    ],
    [
      '80,443 --port 3000-3010',
      [
        [80, 80],
        [443, 443],
        [3000, 3010],
      ],
    ],
    ['--port https', [[443, 443]]],
  ])('%s names ports', (line, ports) => {
    const { selection, namesSockets, wantsOwners, isOverview } = question(...line.split(' '))
    expect(selection.ports.map(({ first, last }) => [first, last])).toEqual(ports)
    expect({ namesSockets, wantsOwners, isOverview }).toEqual({
      namesSockets: true,
      wantsOwners: true,
      isOverview: false,
    })
  })

  it.each([
    ['-tan', false],
    ['-s', false],
    ['--state listen', false],
    ['-tanp', true],
    ['-tan --json', true],
    ['-tan --ndjson', true],
    ['-tan --csv', true],
    ['--pid 1', true],
    ['--process node', true],
    ['-s --process node', true],
    ['-s --json', false],
    ['-s --port 80', false],
  ])('%s looks for owners: %s', (line, expected) => {
    expect(question(...line.split(' ')).wantsOwners).toBe(expected)
  })

  it('takes only what names sockets for a question that can be answered with no', () => {
    expect(question('-tu').namesSockets).toBe(false)
    expect(question('--state', 'estab').namesSockets).toBe(true)
  })
})
