import { describe, expect, it } from 'vitest'
import { run } from '../../../support/context.ts'

const inspect = (...argv: string[]) => run(['inspect', ...argv], { now: () => new Date() })

describe('sockctl inspect --diagnose', () => {
  it('says what it found, and in how many sockets', async () => {
    const { code, stdout } = await inspect('--diagnose', '--interval', '0')
    expect(stdout).toMatch(
      /^(nothing looks wrong: |\d+ (problem|warning|note)s?\b.*; )[\d,]+ sockets? looked at\n/m,
    )
    expect(code).toBe(0)
  })

  it('looks twice, unless it is told not to', async () => {
    const { stdout } = await inspect('--diagnose', '--interval', '100ms')
    expect(stdout).toMatch(/ looked at twice\n/)
  })

  it('gives one JSON document', async () => {
    const { stdout } = await inspect('--diagnose', '--interval', '0', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ schema: 1, findings: expect.any(Array) })
  })

  it('reads other sources, which know less', async () => {
    const { code, stdout } = await inspect(
      '--diagnose',
      '--interval',
      '100ms',
      '--source',
      'procfs',
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/sockets? looked at twice\n/)
  })

  it.each([
    [['--diagnose', '-s']],
    [['--diagnose', '--csv']],
    [['--diagnose', '-l']],
    [['--diagnose', '--threshold', 'x=1']],
    [['--diagnose', '--fail-on', 'doubt']],
    [['--diagnose', 'nonsense']],
    [['--fail-on', 'note']],
    [['--threshold', 'close-wait=1']],
    [['--interval', '1s']],
  ])('refuses %j', async argv => {
    const { code, stdout } = await inspect(...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('says of options that mean nothing alone what they go with', async () => {
    const { stderr } = await inspect('--fail-on', 'note')
    expect(stderr).toBe('sockctl: --fail-on goes with --diagnose\n')
  })
})
