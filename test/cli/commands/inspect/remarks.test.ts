import { describe, expect, it } from 'vitest'
import { readQuestion } from '../../../../src/cli/commands/inspect/question.ts'
import { asRoot, footer, nothingFound } from '../../../../src/cli/commands/inspect/remarks.ts'
import { parseFilter } from '../../../../src/inspect/select/parser.ts'
import type { Warning } from '../../../../src/inspect/types.ts'
import { record, socketList } from '../../../support/records.ts'

describe('asRoot', () => {
  const typed = ['-p', 'src = unix:/a b', "it's"]

  it('quotes for a shell, and keeps the PATH', () => {
    expect(asRoot(typed, { env: {}, platform: 'linux' })).toBe(
      `See them: sudo env "PATH=$PATH" sockctl inspect -p 'src = unix:/a b' 'it'\\''s'`,
    )
    const env = { npm_lifecycle_event: 'npx' }
    expect(asRoot(['-l'], { env, platform: 'darwin' })).toBe(
      'See them: sudo env "PATH=$PATH" npx sockctl inspect -l',
    )
  })

  it('knows that Windows has no sudo', () => {
    expect(asRoot(typed, { env: {}, platform: 'win32' })).toBe(
      'See them, in a terminal that runs as administrator: sockctl inspect -p "src = unix:/a b" "it\'s"',
    )
  })
})

describe('footer', () => {
  const question = readQuestion([], { header: true, bind: true, color: 'never', processes: true })
  const hidden = record({ inode: 7, uid: 33 })

  function below(warnings: readonly Warning[]): string[] {
    const list = socketList([hidden], {})
    const seen = { ...list, snapshot: { ...list.snapshot, warnings } }
    const ownershipOf = () => ({ kind: 'hidden', uid: 33 }) as const
    const options = { candidates: [hidden], seeThem: 'See them: x', isTTY: false }
    return footer(question, { ...seen, ownershipOf }, options)
  }

  it('says once why owners are hidden', () => {
    const why = { message: 'the owners ... hidepid', reason: '/proc is mounted with hidepid' }
    const [first] = below([{ code: 'owners-hidden', ...why }])
    expect(first).toMatch(/^1 owner hidden \(www-data 1\): \/proc is mounted with hidepid$/)
    const reason = 'no process can be seen in /proc: proc(5) has to be mounted there'
    const lines = below([
      { code: 'owners-hidden', message: `the owners ...: ${reason}`, reason },
      { code: 'incomplete', message: reason },
      { code: 'incomplete', message: 'something else' },
    ])
    expect(lines.filter(line => line.includes(reason))).toHaveLength(1)
    expect(lines).toContain('something else')
  })

  it('gives no reason where they are only of others', () => {
    const [first] = below([{ code: 'owners-hidden', message: 'root may see them' }])
    expect(first).toMatch(/^1 owner hidden \(www-data 1\)$/)
  })
})

describe('nothingFound', () => {
  const flags = { header: true, bind: true, color: 'never' } as const

  it.each([
    ['state close-wait', 'there is no socket in state close-wait'],
    [
      'state close-wait and dport = :80',
      'there is no socket in state close-wait that matches dport = :80',
    ],
    ['not state listen', 'there is no socket that matches not state = listen'],
    [
      'state listen or dport = :80',
      'there is no socket that matches state = listen or dport = :80',
    ],
    ['state all dport = :80', 'there is no socket that matches dport = :80'],
  ])('says each condition of "%s" once', (text, expected) => {
    const filter = parseFilter(text, { portOfService: () => undefined, family: undefined })
    expect(nothingFound(readQuestion([], flags, filter).selection)).toBe(expected)
  })
})
