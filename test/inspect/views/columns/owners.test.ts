import { describe, expect, it } from 'vitest'
import { cellOf } from '../../../../src/inspect/views/columns/cells.ts'
import { OWNER_COLUMNS } from '../../../../src/inspect/views/columns/owners.ts'
import { record, socketList } from '../../../support/records.ts'

const { command, cwd, container, unit } = OWNER_COLUMNS
const first = { pid: 4711, fd: 21, name: 'node' }
const second = { pid: 4712, fd: 21, name: 'node' }

/** A listener that two processes hold, and what is told of them. */
function facts(commandLine: string, folder = '/srv/shop') {
  const tell = (text: string) => (pid: number) => (pid === first.pid ? text : undefined)
  return {
    ...socketList([record()], { 1000: [first, second] }),
    processes: { commandOf: tell(commandLine), workingFolderOf: tell(folder) },
  }
}

describe('the columns of the first holder', () => {
  it('tell what it runs, and where', () => {
    const known = facts('node server.js --token=***')
    expect(command.value(record(), known)).toBe('node server.js --token=***')
    expect(cellOf(command, record(), known)).toBe('node server.js --token=***')
    expect(cellOf(cwd, record(), known)).toBe('/srv/shop')
  })

  it('keep within their cell', () => {
    const known = facts('x  (orphan)\n\x1b[2J   y', '/a  b\n')
    expect(cellOf(command, record(), known)).toBe('x \\x20(orphan)\\n\\x1b[2J \\x20 y')
    expect(cellOf(cwd, record(), known)).toBe('/a\\x20\\x20b\\n')
  })

  it('tell its container and unit', () => {
    const id = 'abcdef0123456789'.repeat(4)
    const known = {
      ...facts('x'),
      containerOf: () => ({ kind: 'docker', id }) as const,
      unitOf: () => 'nginx.service',
    }
    expect(container.value(record(), known)).toEqual({ kind: 'docker', id })
    expect(cellOf(container, record(), known)).toBe('abcdef012345')
    expect(cellOf(unit, record(), known)).toBe('nginx.service')
  })

  it('say nothing where nothing is known', () => {
    const hidden = socketList([record()], {})
    for (const column of [command, cwd, container, unit]) {
      expect(column.value(record(), hidden)).toBeUndefined()
      expect(cellOf(column, record(), hidden)).toBe('-')
    }
  })
})
