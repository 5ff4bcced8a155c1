import { describe, expect, it } from 'vitest'
import { parseNetwork } from '../../src/access/allow-list.ts'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import { parseEscapes } from '../../src/cli/escapes.ts'
import { EXIT_CODES } from '../../src/cli/exit-code.ts'
import { parseHex } from '../../src/cli/parse-hex.ts'
import { FINDING_IDS } from '../../src/cli/topics/findings.ts'
import { TOPICS } from '../../src/cli/topics/index.ts'
import { parsePort } from '../../src/endpoint/host-and-port.ts'
import { SCHEMES } from '../../src/endpoint/parse.ts'
import { terminalText } from '../../src/terminal-text.ts'
import { parseDuration, parseRate, parseSize } from '../../src/units.ts'
import { run } from '../support/context.ts'
import { allDefinitions, optionsOf } from '../support/definitions.ts'

const names = (await allDefinitions()).map(({ name }) => name)
const topics = Object.keys(TOPICS)
const everyHelp = [
  [],
  ...names.map(name => ['help', ...name.split(' ')]),
  ...topics.map(topic => ['help', topic]),
  ...FINDING_IDS.map(id => ['help', 'finding', id]),
].map(argv => [['sockctl', ...argv].join(' '), argv] as const)

describe('help', () => {
  it.each([[[]], [['-h']], [['--help']], [['help']]])('shows all commands for %j', async argv => {
    const { code, stdout, stderr } = await run(argv)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const [name, { summary }] of Object.entries(COMMANDS)) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'))
    }
    for (const topic of topics) expect(stdout).toContain(`sockctl help ${topic}`)
  })

  it.each(names)('shows the same for help %s and for its --help', async name => {
    const words = name.split(' ')
    const asked = await run(['help', ...words])
    expect(asked).toEqual(await run([...words, '--help']))
    expect(asked).toEqual(await run([...words, '-h']))
    expect(asked.code).toBe(0)
  })

  it('explains one finding, and lists them', async () => {
    const { code, stdout } = await run(['help', 'finding', 'tcp.close-wait.leak'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/no kernel setting changes\s+that/)
    expect(await run(['help', 'finding'])).toEqual(await run(['help', 'findings']))
  })

  it('guesses which finding was meant', async () => {
    const { code, stderr } = await run(['help', 'finding', 'close-wait.leak'])
    expect(code).toBe(2)
    expect(stderr).toContain('no finding is called "close-wait.leak"')
    expect((await run(['help', 'finding', 'listen.queue-ful'])).stderr).toContain(
      'Did you mean sockctl help finding listen.queue-full?',
    )
  })

  it.each(names)('puts the examples of %s before its options, which are all there', async name => {
    const { stdout } = await run(['help', ...name.split(' ')])
    expect(stdout).toMatch(/^Usage\n[\s\S]*^Examples\n/m)
    const definition = (await allDefinitions()).find(one => one.name === name)
    const shown = definition === undefined ? [] : optionsOf(definition).filter(one => !one.hidden)
    const [, options = ''] = stdout.split('\nExamples\n')
    const lines = options.split('\n').map(line => line.trim())
    for (const { flags } of shown) {
      expect(
        lines.some(line => line === flags || line.startsWith(`${flags}  `)),
        flags,
      ).toBe(true)
    }
  })

  it.each(everyHelp)('keeps to 80 columns of plain text: %s', async (_, argv) => {
    const { stdout } = await run(argv)
    for (const line of stdout.split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(80)
      expect(line).toBe(terminalText(line).trimEnd())
    }
    expect(stdout).toMatch(/[^\n]\n$/)
  })

  it('makes headings bold on a terminal, and only where colour is wanted', async () => {
    const bold = '\x1b[1mUsage\x1b[22m'
    expect((await run([], { columns: 80 })).stdout).toContain(bold)
    expect((await run(['help', '--color', 'always'])).stdout).toContain(bold)
    expect((await run(['help', '--color', 'never'], { columns: 80 })).stdout).not.toContain('\x1b')
    const quiet = { columns: 80, env: { NO_COLOR: '1' } }
    expect((await run(['serve', '--help'], quiet)).stdout).not.toContain('\x1b')
  })

  it('fits a narrower terminal', async () => {
    const { stdout } = await run(['help', 'states'], { columns: 60, env: { NO_COLOR: '1' } })
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(60)
  })

  it('guesses what was meant', async () => {
    const { code, stdout, stderr } = await run(['help', 'endpoint'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('no help on "endpoint"')
    expect(stderr).toContain('Did you mean sockctl help endpoints?')
  })

  it('says what there is when nothing is near', async () => {
    const { code, stderr } = await run(['help', 'zzzzzzzz'])
    expect(code).toBe(2)
    for (const name of [...Object.keys(COMMANDS), ...topics]) expect(stderr).toContain(name)
  })

  it('knows no command below one that has none', async () => {
    const { code, stderr } = await run(['help', 'serve', 'more'])
    expect(code).toBe(2)
    expect(stderr).toContain('no help on "serve more"')
  })
})

describe('topics', () => {
  it('explains every exit code', async () => {
    const { stdout } = await run(['help', 'exit-codes'])
    for (const { code } of Object.values(EXIT_CODES)) {
      expect(stdout).toMatch(new RegExp(`^  ${code} `, 'm'))
    }
  })

  it('explains every scheme', async () => {
    const { stdout } = await run(['help', 'endpoints'])
    for (const scheme of SCHEMES) expect(stdout).toMatch(new RegExp(`^  ${scheme}:`, 'm'))
  })

  it('shows values that their parsers take', async () => {
    const { stdout } = await run(['help', 'values'])
    const parsers = {
      time: [parseDuration, '500ms', '2s', '1.5m', '1h', '1d'],
      size: [parseSize, '512', '64KiB', '10MB'],
      rate: [parseRate, '64KiB/s'],
      port: [parsePort, 'https'],
      network: [parseNetwork, '10.0.0.0/8', '::1'],
      bytes: [parseHex, '01 00 af', '0100af'],
      text: [parseEscapes, '\\r', '\\n', '\\t', '\\0', '\\\\', '\\x00'],
    } as const
    for (const [name, [parse, ...examples]] of Object.entries(parsers)) {
      const line = stdout.split('\n').find(one => one.startsWith(`  <${name}> `))
      for (const example of examples) {
        expect(line).toContain(example)
        expect(() => parse(example)).not.toThrow()
      }
    }
  })

  it('explains the eleven states of RFC 9293 on one screen', async () => {
    const { stdout } = await run(['help', 'states'])
    const named = [...stdout.matchAll(/^ {2}([a-z]+(?:-[a-z0-9]+)*) {2}/gm)].map(([, name]) => name)
    expect(named.sort()).toEqual([
      // Linux tells it apart from the eleventh, CLOSED, which ss and sockctl call unconnected.
      'bound-inactive',
      'close-wait',
      'closing',
      'established',
      'fin-wait-1',
      'fin-wait-2',
      'last-ack',
      'listen',
      'syn-recv',
      'syn-sent',
      'time-wait',
      'unconnected',
    ])
    expect(stdout.split('\n').length).toBeLessThanOrEqual(24)
  })
})
