import { describe, expect, it } from 'vitest'
import {
  holdersByAddress,
  holdersByDevice,
} from '../../../../src/inspect/sources/darwin/holders.ts'
import type { LsofSocket } from '../../../../src/inspect/sources/darwin/lsof-fields.ts'
import { parseLsof } from '../../../../src/inspect/sources/darwin/lsof-fields.ts'
import { parseNetstatTable } from '../../../../src/inspect/sources/darwin/netstat-table.ts'
import { darwinRow, HEADING_26 } from '../../../support/darwin-text.ts'

const rowsOf = (...rows: string[]) => parseNetstatTable([HEADING_26, ...rows].join('\n')).rows

function lsof(pid: number, fd: number, type: string, name: string): readonly LsofSocket[] {
  return parseLsof(`p${pid}\ncnode\nf${fd}\nt${type}\nPTCP\nn${name}\n`)
}

function holders(rows: ReturnType<typeof rowsOf>, ...sockets: (readonly LsofSocket[])[]) {
  const holdersOf = holdersByAddress(rows, sockets.flat(), pid => `name of ${pid}`)
  return rows.map(row => holdersOf(row).map(({ pid, fd, name }) => `${name} ${pid} ${fd}`))
}

describe('holdersByAddress', () => {
  it('has every process that lsof knows, and the one that netstat knows beside them', () => {
    const rows = rowsOf(darwinRow('tcp4 0 0 127.0.0.1.80 *.* LISTEN', 'nginx:5'))
    const [a, b] = [lsof(7, 3, 'IPv4', '127.0.0.1:80'), lsof(8, 4, 'IPv4', '127.0.0.1:80')]
    expect(holders(rows, a, b)).toEqual([['node 7 3', 'node 8 4', 'nginx 5 undefined']])
    expect(holders(rows, a, lsof(5, 6, 'IPv4', '127.0.0.1:80'))).toEqual([['node 7 3', 'node 5 6']])
  })

  it('tells every address of IPv4 from that of IPv6', () => {
    const rows = rowsOf(
      darwinRow('tcp4 0 0 *.80 *.* LISTEN', 'a:0'),
      darwinRow('tcp46 0 0 *.80 *.* LISTEN', 'b:0'),
    )
    const sockets = [lsof(7, 3, 'IPv4', '*:80'), lsof(8, 4, 'IPv6', '*:80')]
    expect(holders(rows, ...sockets)).toEqual([['node 7 3'], ['node 8 4']])
  })

  it('finds link-local and mapped addresses, which lsof writes in another way', () => {
    const rows = rowsOf(
      darwinRow('tcp6 0 0 fe80::1c%en0.80 fe80::2%en0.443 ESTABLISHED', 'a:0'),
      darwinRow('tcp4 0 0 10.0.0.1.80 10.0.0.2.443 ESTABLISHED', 'b:0'),
    )
    const local = lsof(7, 3, 'IPv6', '[fe80:4::1c]:80->[fe80:4::2]:443')
    const mapped = lsof(8, 4, 'IPv6', '[::ffff:10.0.0.1]:80->[::ffff:10.0.0.2]:443')
    expect(holders(rows, local, mapped)).toEqual([['node 7 3'], ['node 8 4']])
  })

  it('does not guess which of several sockets with one address a descriptor is', () => {
    const row = 'tcp4 0 0 *.80 *.* LISTEN'
    const rows = rowsOf(darwinRow(row, 'a:7'), darwinRow(row, 'b:8'), darwinRow(row, 'c:9'))
    const sockets = [lsof(7, 3, 'IPv4', '*:80'), lsof(8, 4, 'IPv4', '*:80')]
    expect(holders(rows, ...sockets)).toEqual([['node 7 3'], ['node 8 4'], ['c 9 undefined']])
  })

  it('asks for the name where netstat has only a number', () => {
    const rows = rowsOf(darwinRow('tcp4 0 0 *.80 *.* LISTEN', ':9'))
    expect(holders(rows)).toEqual([['name of 9 9 undefined']])
  })

  it('has nobody where there is no process', () => {
    const row = darwinRow('tcp4 0 0 10.0.0.1.80 10.0.0.2.443 TIME_WAIT', ':0')
    expect(holders(rowsOf(row))).toEqual([[]])
  })
})

describe('holdersByDevice', () => {
  it('finds the holders of a unix socket', () => {
    const sockets = parseLsof('p7\ncnode\nf3\ntunix\nd0x0a1\nf4\ntunix\nd0xb2\n')
    const holdersOf = holdersByDevice(sockets)
    expect(holdersOf('a1')).toEqual([{ pid: 7, fd: 3, name: 'node' }])
    expect(holdersOf('c3')).toEqual([])
  })
})
