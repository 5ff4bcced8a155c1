import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../../src/errors.ts'
import { ALL_STATES } from '../../../../src/inspect/select/states.ts'
import { readTables } from '../../../../src/inspect/sources/windows/windows-tables.ts'
import type { Wanted } from '../../../../src/inspect/types.ts'
import { portBytes, windowsTable } from '../../../support/windows-tables.ts'

const everything: Wanted = {
  protocols: new Set(['tcp', 'udp']),
  families: new Set(['ipv4', 'ipv6']),
  states: new Set(ALL_STATES),
}

const failing = (family: number): Uint8Array => {
  throw new SockctlError('ERR_SYSTEM', `no table of ${family}`)
}

describe('readTables', () => {
  it('reads a table for each protocol and family, of those that are wanted', () => {
    const udp4 = windowsTable(12, [[{ at: 4, bytes: portBytes(53) }]])
    const library = {
      tcpTable: (family: number) => windowsTable(family === 2 ? 24 : 56, [[], []]),
      udpTable: (family: number) => (family === 2 ? udp4 : windowsTable(28, [])),
    }
    const kinds = (wanted: Wanted): string[] =>
      readTables(wanted, library).rows.map(({ protocol, family }) => `${protocol} ${family}`)
    const tcp = ['tcp ipv4', 'tcp ipv4', 'tcp ipv6', 'tcp ipv6']
    expect(kinds(everything)).toEqual([...tcp, 'udp ipv4'])
    expect(kinds({ ...everything, families: new Set(['ipv6']) })).toEqual(tcp.slice(2))
    expect(kinds({ ...everything, protocols: new Set(['udp']) })).toEqual(['udp ipv4'])
  })

  it('names the tables that it could not read', () => {
    const tcpTable = (family: number) => (family === 2 ? windowsTable(24, [[]]) : failing(family))
    const { rows, warnings } = readTables(everything, { tcpTable, udpTable: failing })
    expect(rows).toHaveLength(1)
    expect(warnings).toEqual([
      { code: 'incomplete', message: 'no table of 23' },
      { code: 'incomplete', message: 'no table of 2' },
      { code: 'incomplete', message: 'no table of 23' },
    ])
  })

  it('fails when it could not read one', () => {
    const library = { tcpTable: failing, udpTable: failing }
    expect(() => readTables(everything, library)).toThrow('no table of 2')
  })
})
