import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import { groupCsv, groupTable } from '../../../src/inspect/views/group-table.ts'
import { type GroupKind, groupJson, groupSockets } from '../../../src/inspect/views/groups.ts'
import type { SocketList } from '../../../src/inspect/views/types.ts'
import { NAMES } from '../../support/detailed-record.ts'
import { address, connection, record, socketList, unixSocket } from '../../support/records.ts'

const node = { pid: 4711, fd: 21, name: 'node' }
const netns = { inode: 7, name: 'shop' }

const list: SocketList = {
  ...socketList(
    [
      record({ cgroupId: 78 }),
      connection('127.0.0.1:8080', '10.0.0.7:40000', { inode: 0, uid: undefined }),
      connection('127.0.0.1:8080', '10.0.0.7:40001', { inode: 1001, state: 'close-wait' }),
      connection('127.0.0.1:8080', '10.0.0.7:40002', { inode: 1001, state: 'close-wait' }),
      connection('10.0.0.1:50000', '10.0.0.8:443', { inode: 1002, uid: 33, netns }),
      unixSocket('/run/a b', { inode: 1003, uid: 4242 }),
    ],
    {
      1000: [node],
      1001: [node, { ...node, fd: 22 }, { ...node, pid: 4712 }],
      1003: [{ pid: 1, fd: 3, name: 'a"))\nb' }],
    },
  ),
  ...NAMES,
}

function counts(kind: GroupKind): [string, number][] {
  return groupSockets(list, kind).map(({ label, count }) => [label, count])
}

describe('groupSockets', () => {
  it.each<[GroupKind, [string, number][]]>([
    [
      'state',
      [
        ['close-wait', 2],
        ['established', 3],
        ['listen', 1],
      ],
    ],
    [
      'process',
      [
        ['node pid=4711', 3],
        ['node pid=4712', 2],
        ['(waiting to be accepted by node pid=4711)', 1],
        ['(owner hidden: uid 33 www-data)', 1],
        ['"a\\"))\\nb" pid=1', 1],
      ],
    ],
    [
      'remote',
      [
        ['10.0.0.7', 3],
        ['(no peer)', 2],
        ['10.0.0.8', 1],
      ],
    ],
    [
      'port',
      [
        ['8080', 4],
        ['50000', 1],
        ['(no port)', 1],
      ],
    ],
    [
      'user',
      [
        ['root', 3],
        ['(nobody)', 1],
        ['www-data', 1],
        ['4242', 1],
      ],
    ],
    [
      'container',
      [
        ['(no container)', 5],
        ['ab12ab12ab12', 1],
      ],
    ],
    [
      'netns',
      [
        ['(this one)', 5],
        ['shop', 1],
      ],
    ],
    [
      'local-address',
      [
        ['127.0.0.1', 4],
        ['10.0.0.1', 1],
        ['/run/a\\x20b', 1],
      ],
    ],
  ])('counts by %s, the most first', (kind, expected) => {
    const most = [...expected].sort(([, a], [, b]) => b - a)
    expect(counts(kind)).toEqual(most)
  })

  it('counts states within', () => {
    const [first] = groupSockets(list, 'remote')
    expect(first && groupJson(first, 'remote')).toEqual({
      by: 'remote',
      group: '10.0.0.7',
      count: 3,
      states: { established: 1, 'close-wait': 2 },
    })
  })

  it('has no group in JSON where there is nothing to go by', () => {
    const nobody = groupSockets(list, 'user').find(({ label }) => label === '(nobody)')
    expect(nobody && JSON.parse(JSON.stringify(groupJson(nobody, 'user')))).toEqual({
      by: 'user',
      count: 1,
      states: { established: 1 },
    })
  })

  it('counts 20,000 sockets of as many peers without a quadratic step', () => {
    const records = Array.from({ length: 20_000 }, (_, i) =>
      connection('127.0.0.1:80', `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:9`),
    )
    const groups = groupSockets({ ...list, records }, 'remote')
    expect(groups).toHaveLength(20_000)
    const rows = groupTable(groups, 'remote', { header: true, paint: PLAIN })
    expect([...rows]).toHaveLength(20_001)
  }, 10_000)
})

describe('groupTable', () => {
  it('has a column for each state that occurs', () => {
    const rows = groupTable(groupSockets(list, 'remote'), 'remote', { header: true, paint: PLAIN })
    expect(`\n${[...rows].join('')}`).toMatchInlineSnapshot(`
      "
      REMOTE     SOCKETS  ESTAB  CLOSE-WAIT  LISTEN
      10.0.0.7         3      1           2       0
      (no peer)        2      1           0       1
      10.0.0.8         1      1           0       0
      "
    `)
  })

  it('has no states within states', () => {
    const rows = groupTable(groupSockets(list, 'state'), 'state', { header: true, paint: PLAIN })
    expect(`\n${[...rows].join('')}`).toMatchInlineSnapshot(`
      "
      STATE        SOCKETS
      established        3
      close-wait         2
      listen             1
      "
    `)
  })

  it('makes one row of one group, whatever its name holds', () => {
    const name = 'a"))\r\n\x1b[2J pid=1 9999'
    const hostile = {
      ...socketList([unixSocket(name), record({ local: address('[::]:1') })], {
        1000: [{ ...node, name }],
      }),
      userName: () => name,
    }
    for (const kind of ['process', 'local-address', 'user'] as const) {
      const groups = groupSockets(hostile, kind)
      const text = [...groupTable(groups, kind, { header: false, paint: PLAIN })].join('')
      expect(text.trimEnd().split('\n')).toHaveLength(groups.length)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
      expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f]/)
      const csv = [...groupCsv(groups, kind, { header: false })].join('')
      expect(csv.trimEnd().split('\r\n')).toHaveLength(groups.length)
    }
  })
})

describe('groupCsv', () => {
  it('has the same numbers', () => {
    const rows = groupCsv(groupSockets(list, 'remote'), 'remote', { header: true })
    expect(`\n${[...rows].join('')}`).toMatchInlineSnapshot(`
      "
      remote,count,established,close-wait,listen
      10.0.0.7,3,1,2,0
      (no peer),2,1,0,1
      10.0.0.8,1,1,0,0
      "
    `)
  })
})
