import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import { COLUMNS } from '../../../src/inspect/views/columns/index.ts'
import { EventLines } from '../../../src/inspect/views/watch-events.ts'
import { socketList } from '../../support/records.ts'
import { beat, watched } from '../../support/watched.ts'

describe('EventLines', () => {
  it('puts the headings above what they are of, though they are written first', () => {
    const look = beat(1, [watched()])
    const columns = [COLUMNS.protocol, COLUMNS.local, COLUMNS.openTo, COLUMNS.owners]
    const lines = new EventLines({ columns, paint: PLAIN })
    const header = lines.header()
    const [line = ''] = lines.here(look, socketList(look.sockets.map(({ record }) => record)))
    expect(line).toContain('localhost')
    expect(line[header.indexOf('PROCESS') - 1]).toBe(' ')
    expect(line[header.indexOf('PROCESS')]).not.toBe(' ')
    expect(line.slice(header.indexOf('OPEN TO')).startsWith('localhost')).toBe(true)
  })
})
