import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/inspect/rules/index.ts'
import { type Diagnosis, findingsView, headline } from '../../../src/inspect/views/findings.ts'
import { connection, record } from '../../support/records.ts'
import { NODE, type Scene, situation, times } from '../../support/situation.ts'

const PLAIN = {
  bad: (text: string) => text,
  warn: (text: string) => text,
  good: (text: string) => text,
  dim: (text: string) => text,
  strong: (text: string) => text,
}

const MARKED = {
  ...PLAIN,
  bad: (text: string) => `<${text}>`,
  strong: (text: string) => `*${text}*`,
}

function diagnosis(now: Scene, earlier?: Scene): Diagnosis {
  const one = situation(now, earlier)
  return { situation: one, ...diagnose(one), elsewhere: 0 }
}

const stopped: Scene = {
  records: [record({ inode: 1, receiveQueue: 37, sendQueue: 128 })],
  owners: { 1: [{ pid: 27_039, fd: 3, name: 'python3' }] },
  processes: [{ pid: 27_039, state: 'stopped' }],
}

const silent = (targets: number): Scene => ({
  records: times(targets, i =>
    connection('10.0.0.1:40000', `10.0.1.${i}:443`, {
      state: 'syn-sent',
      inode: 7,
      timer: { kind: 'retransmit', retransmits: 1, expiresInMs: 900 },
    }),
  ),
  owners: { 7: [NODE] },
})

const text = (what: Diagnosis, width?: number) =>
  [...findingsView(what, { paint: PLAIN, width })].join('')

describe('findingsView', () => {
  it('answers in a sentence, then gives evidence, meaning and what to type', () => {
    expect(text(diagnosis(stopped), 72)).toMatchInlineSnapshot(`
      "problem: 127.0.0.1:8080 is open, and python3 (pid 27039) is stopped:
        37 connections wait
          process state T (SIGSTOP or Ctrl-Z)
          37 in the queue, for 128 (full at one more)

        The process was stopped by SIGSTOP, by Ctrl-Z or by a debugger. The
        kernel goes on making connections on its behalf, so that a port check
        says "open", and every request hangs.
        (listen.owner-stopped)

        Let it go on, or type fg in its terminal:
          kill -CONT 27039

      1 problem; 1 socket looked at

      Type first: kill -CONT 27039
      "
    `)
  })

  it('says that nothing looks wrong, and how much was looked at', () => {
    const quiet = { records: [record()] }
    expect(text(diagnosis(quiet))).toBe('nothing looks wrong: 1 socket looked at\n')
    expect(text(diagnosis(quiet, quiet))).toBe('nothing looks wrong: 1 socket looked at twice\n')
  })

  it('explains a rule once, and leaves out what repeats itself', () => {
    const shown = text(diagnosis(silent(10)))
    expect(shown).toMatch(/\n10 warnings; 10 sockets looked at\n\nType first: /)
    expect(shown.match(/Silence means that the packets are dropped/g)).toHaveLength(1)
    expect(shown.match(/^warning: /gm)).toHaveLength(8)
    expect(shown).toMatch(
      /\nand 2 more of tcp.syn-sent.blocked: --json has them all\n\n10 warnings/,
    )
  })

  it.each([40, 60, 200])('keeps to %d columns where they are there, and to a hundred', width => {
    const lines = text(diagnosis(silent(3)), width).split('\n')
    // What is to be typed is not broken.
    const prose = lines.filter(line => !/^ {4}(sudo|ip|sockctl|kill|tracepath|mtr) /.test(line))
    for (const line of prose) expect(line.length).toBeLessThanOrEqual(Math.min(width, 100))
  })

  it('breaks no line without a terminal', () => {
    expect(
      text(diagnosis(silent(1)))
        .split('\n')
        .filter(line => line.length > 200),
    ).toHaveLength(1)
  })

  it('colours the severity alone, and what is to be typed', () => {
    const shown = [...findingsView(diagnosis(stopped), { paint: MARKED, width: 40 })].join('')
    expect(shown).toMatch(/^<problem:> 127/m)
    expect(shown).toContain('*kill -CONT 27039*')
    expect(shown.match(/</g)).toHaveLength(1)
  })

  it('lets no name out that a terminal would obey', () => {
    const hostile = {
      ...stopped,
      owners: { 1: [{ pid: 27_039, fd: 3, name: '\x1b[2J\u202e\nx' }] },
    }
    const shown = text(diagnosis(hostile))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/)
  })
})

describe('headline', () => {
  it('counts by severity, and what is elsewhere', () => {
    const one = diagnosis({ ...stopped, counters: { TcpExtPAWSEstab: 1 } }, {})
    expect(headline(one)).toBe('1 problem, 1 note; 1 socket looked at twice')
    expect(headline({ ...one, elsewhere: 2 })).toMatch(/; 2 findings elsewhere$/)
    expect(headline({ ...one, findings: [], elsewhere: 2 })).toBe(
      'nothing looks wrong with what was asked for: 1 socket looked at twice; 2 findings elsewhere',
    )
  })
})
