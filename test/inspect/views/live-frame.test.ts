import textWidth from 'fast-string-width'
import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import { LIST_COLUMNS } from '../../../src/inspect/views/column-choice.ts'
import { COLUMNS } from '../../../src/inspect/views/columns/index.ts'
import { type LiveTable, liveFrame, rowsIn } from '../../../src/inspect/views/live-frame.ts'
import type { LiveRow } from '../../../src/inspect/watch/live-rows.ts'
import { connection, socketList } from '../../support/records.ts'
import { watched } from '../../support/watched.ts'

const records = Array.from({ length: 90 }, (_, i) =>
  connection('[2001:db8:85a3::8a2e:370:7334]:8080', `[2001:db8:1:2:3:4:5:6]:${40_000 + i}`, {
    inode: 2000 + i,
  }),
)
const owners = Object.fromEntries(
  records.map(({ inode }) => [inode, [{ pid: 4711, fd: 21, name: '日本語\x1b[2J' }]]),
)
const rows: LiveRow[] = records.map((record, i) => ({
  socket: watched({ record, state: 'established' }),
  mark: (['+', '~', '-', ' '] as const)[i % 4] ?? ' ',
}))

function table(parts: Partial<LiveTable> = {}): LiveTable {
  return {
    title: 'sockctl inspect 8080',
    intervalMs: 500,
    takenAt: new Date('2026-01-02T03:04:05Z'),
    isPaused: false,
    trends: [
      { state: 'established', counts: [88, 89, 90] },
      { state: 'time-wait', counts: [0, 1, 0] },
    ],
    rows,
    warning: undefined,
    total: 90,
    columns: [...LIST_COLUMNS, COLUMNS.owners],
    facts: socketList(records, owners),
    sortedBy: 'change',
    isReversed: false,
    filter: '',
    isTyping: false,
    offset: 0,
    ...parts,
  }
}

describe('liveFrame', () => {
  it.each([
    [80, 24],
    [200, 50],
    [40, 10],
    [20, 5],
    [5, 2],
  ])('has just the size of a screen of %i by %i', (columns, rows) => {
    const lines = liveFrame(table(), { columns, rows }, PLAIN)
    expect(lines).toHaveLength(rows)
    expect(Math.max(...lines.map(line => textWidth(line)))).toBeLessThanOrEqual(columns)
  })

  it('has nothing that a terminal would obey', () => {
    const text = liveFrame(table(), { columns: 200, rows: 50 }, PLAIN).join('')
    expect(text).toContain('日本語\\x1b[2J')
    expect(text).not.toContain('\x1b')
  })

  it('shows counts, trends, marks, and where it is in the list', () => {
    const lines = liveFrame(table({ offset: 10 }), { columns: 120, rows: 12 }, PLAIN)
    expect(lines[0]).toMatch(/^sockctl inspect 8080: 90 sockets .*every 500 ms$/)
    expect(lines[1]).toMatch(/^ESTAB +90 ▁▅█ +TIME-WAIT +0 ▁█▁$/)
    expect(lines[3]).toMatch(/^ {2}PROTO +STATE +.*LOCAL +PEER +PROCESS/)
    expect(lines[4]).toMatch(/^- tcp +ESTAB/)
    expect(lines[11]).toContain('11-17 of 90')
    expect(rowsIn(table(), { columns: 120, rows: 12 })).toBe(7)
  })

  it('says that it is paused, what is typed, and what it is sorted by', () => {
    const size = { columns: 120, rows: 12 }
    expect(liveFrame(table({ isPaused: true }), size, PLAIN)[0]).toMatch(/PAUSED$/)
    const typing = liveFrame(table({ isTyping: true, filter: 'node' }), size, PLAIN)
    expect(typing.at(-1)).toMatch(/^\/node_ /)
    const sorted = liveFrame(table({ sortedBy: 'PEER', isReversed: true }), size, PLAIN)
    expect(sorted[3]).toContain('PEER▲')
  })

  it('says what could not be seen', () => {
    const size = { columns: 120, rows: 12 }
    const partial = table({ warning: 'some may be missing' })
    const lines = liveFrame(partial, size, PLAIN)
    expect(lines[1]).toBe('some may be missing')
    expect(lines).toHaveLength(12)
    expect(rowsIn(partial, size)).toBe(6)
  })

  it('has room for no sockets at all', () => {
    const lines = liveFrame(
      table({ rows: [], trends: [], total: 0 }),
      { columns: 80, rows: 24 },
      PLAIN,
    )
    expect(lines).toHaveLength(24)
    expect(lines.at(-1)).toMatch(/none$/)
  })
})
