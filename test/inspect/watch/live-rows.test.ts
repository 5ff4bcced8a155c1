import { describe, expect, it } from 'vitest'
import { LIST_COLUMNS } from '../../../src/inspect/views/column-choice.ts'
import { COLUMNS } from '../../../src/inspect/views/columns/index.ts'
import { liveRows } from '../../../src/inspect/watch/live-rows.ts'
import { connection, socketList } from '../../support/records.ts'
import { beat, watched } from '../../support/watched.ts'

const at = (port: number, parts: Parameters<typeof watched>[0] = {}) =>
  watched({
    record: connection('127.0.0.1:8080', `127.0.0.1:${port}`),
    state: 'established',
    seenAt: 5,
    ...parts,
  })
const old = at(40_001)
const opened = at(40_002, { openedAt: 5, changedAt: 5 })
const closing = at(40_003, { changedAt: 5, stateBefore: 'established', state: 'close-wait' })
const before = at(40_004, { openedAt: 3, changedAt: 3 })
const gone = at(40_005, { seenAt: 4 })
const look = beat(5, [old, before, opened, closing], [{ kind: 'close', socket: gone }])
const facts = socketList(look.sockets.map(({ record }) => record))

function rows(order: Partial<Parameters<typeof liveRows>[1]> = {}) {
  const full = { sort: undefined, isReversed: false, filter: '', columns: LIST_COLUMNS, ...order }
  const all = liveRows(look, full, facts, new WeakMap())
  return all
    .slice(0, all.length)
    .map(
      ({ socket: { record }, mark }) =>
        `${mark}${record.remote && 'port' in record.remote ? record.remote.port : ''}`,
    )
}

describe('liveRows', () => {
  it('has what changed first, with its mark, and what is gone', () => {
    expect(rows()).toEqual(['-40005', '+40002', '~40003', ' 40004', ' 40001'])
    const reversed = [' 40001', ' 40004', '~40003', '+40002', '-40005']
    expect(rows({ isReversed: true })).toEqual(reversed)
  })

  it('sorts by a column', () => {
    const sort = { column: COLUMNS.remote, descending: true }
    expect(rows({ sort })).toEqual(['-40005', ' 40004', '~40003', '+40002', ' 40001'])
  })

  it('keeps the rows that have all words', () => {
    expect(rows({ filter: ':40004 Estab' })).toEqual([' 40004'])
    expect(rows({ filter: 'nothing' })).toEqual([])
  })
})
