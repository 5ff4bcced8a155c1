import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import { reportView } from '../../../src/inspect/views/report.ts'

const REPORT = {
  answer: 'Port 3000 is held by node (pid 1) of your project "shop-api", up 2 d 4 h.',
  tone: 'plain',
  facts: [
    { label: 'listens', text: '127.0.0.1:3000, only from this machine' },
    { label: 'to listen', text: 'works on ::1', isWarning: true },
  ],
  next: [
    { what: 'All', command: 'sockctl inspect --port 3000' },
    { what: 'Stop it', command: 'sockctl inspect 3000 --free' },
  ],
} as const

describe('reportView', () => {
  it('answers first, and has the next command last', () => {
    expect(reportView(REPORT, { width: undefined, paint: PLAIN })).toBe(
      `${REPORT.answer}

  listens    127.0.0.1:3000, only from this machine
  to listen  works on ::1

All:     sockctl inspect --port 3000
Stop it: sockctl inspect 3000 --free
`,
    )
  })

  it('keeps within a terminal, but for commands, which are to be copied', () => {
    const text = reportView(REPORT, { width: 40, paint: PLAIN })
    const lines = text.split('\n')
    expect(lines.slice(0, 2)).toEqual([
      'Port 3000 is held by node (pid 1) of',
      'your project "shop-api", up 2 d 4 h.',
    ])
    expect(text).toContain('\n  listens    127.0.0.1:3000, only from\n             this machine\n')
    expect(text).toContain('sockctl inspect 3000 --free\n')
  })

  it('cuts what is endless', () => {
    const facts = [{ label: 'command', text: 'word '.repeat(500) }]
    const text = reportView({ ...REPORT, facts }, { width: 80, paint: PLAIN })
    expect(text.split('\n').length).toBeLessThan(12)
    expect(text).toContain('…')
  })

  it('marks what is worth a look', () => {
    const paint = {
      ...PLAIN,
      warn: (text: string) => `<${text}>`,
      bad: (text: string) => `!${text}`,
    }
    const text = reportView({ ...REPORT, tone: 'bad' }, { width: undefined, paint })
    expect(text).toMatch(/^!Port/)
    expect(text).toContain('<works on ::1>')
  })
})
