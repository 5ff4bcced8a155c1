import { describe, expect, it } from 'vitest'
import { loadPaint, PLAIN } from '../../../src/cli/color.ts'
import { LIST_COLUMNS, OVERVIEW_COLUMNS } from '../../../src/inspect/views/column-choice.ts'
import { COLUMNS } from '../../../src/inspect/views/columns/index.ts'
import { socketTable } from '../../../src/inspect/views/socket-table.ts'
import type { SocketList } from '../../../src/inspect/views/types.ts'
import { detailed, MEMORY, NAMES, TCP, ZERO } from '../../support/detailed-record.ts'
import { address, connection, record, socketList, unixSocket } from '../../support/records.ts'

const node = { pid: 4711, fd: 21, name: 'node' }

const list = socketList(
  [
    record({ uid: 1000 }),
    record({
      protocol: 'udp',
      state: 'unconnected',
      local: address('0.0.0.0:5353'),
      inode: 7,
      uid: 33,
    }),
    connection('[::1]:8080', '[::1]:40000', { inode: 1001, receiveQueue: 123_456 }),
    connection('127.0.0.1:8080', '127.0.0.1:40000', { inode: 0, uid: undefined }),
    connection('127.0.0.1:40001', '127.0.0.1:8080', {
      state: 'time-wait',
      inode: 0,
      uid: undefined,
      timer: { kind: 'time-wait', expiresInMs: 59_100, retransmits: 0 },
    }),
    unixSocket('/run/app.sock', { inode: 1002, cookie: undefined, sendQueue: undefined }),
  ],
  {
    1000: [node, { pid: 4712, fd: 21, name: 'node' }],
    1001: [{ pid: 4713, fd: 9, name: 'next-server (v1' }],
    1002: [{ pid: 1, fd: 5, name: 'x\ntcp LISTEN' }],
  },
)

function table(
  what: SocketList,
  options: {
    width?: number
    header?: boolean
    timers?: boolean
    identity?: boolean
    oneline?: boolean
    paint?: typeof PLAIN
  } = {},
): string {
  return [...lines(what, options)].join('')
}

function lines(what: SocketList, options: Parameters<typeof table>[1] = {}): Iterable<string> {
  const { width, header = true, timers = false, identity = false, paint = PLAIN } = options
  const columns = [...LIST_COLUMNS, ...(what.ownershipOf ? [COLUMNS.owners] : [])]
  const details = { timers, identity, internals: false, memory: false }
  const { oneline = false } = options
  return socketTable(what, { columns, details, width, header, paint, oneline })
}

describe('socketTable', () => {
  it('aligns what it shows, and cuts nothing without a terminal', () => {
    expect(`\n${table(list)}`).toMatchInlineSnapshot(`
      "
      PROTO  STATE      RECV-Q  SEND-Q  LOCAL               PEER             PROCESS
      tcp    LISTEN          0     511  127.0.0.1:8080      *:*              node pid=4711 fd=21, node pid=4712 fd=21
      udp    UNCONN          0     511  0.0.0.0:5353        *:*              (owner hidden: uid 33 www-data)
      tcp    ESTAB      123456       0  [::1]:8080          [::1]:40000      "next-server (v1" pid=4713 fd=9
      tcp    ESTAB           0       0  127.0.0.1:8080      127.0.0.1:40000  (waiting to be accepted by node pid=4711 fd=21, node pid=4712 fd=21)
      tcp    TIME-WAIT       0       0  127.0.0.1:40001     127.0.0.1:8080   (kernel: time-wait)
      unix   ESTAB           0       ?  /run/app.sock#1002  #2001            "x\\ntcp LISTEN" pid=1 fd=5
      "
    `)
  })

  it('shows neither processes nor their column when they were not looked for', () => {
    expect(`\n${table({ ...list, ownershipOf: undefined })}`).toMatchInlineSnapshot(`
      "
      PROTO  STATE      RECV-Q  SEND-Q  LOCAL               PEER
      tcp    LISTEN          0     511  127.0.0.1:8080      *:*
      udp    UNCONN          0     511  0.0.0.0:5353        *:*
      tcp    ESTAB      123456       0  [::1]:8080          [::1]:40000
      tcp    ESTAB           0       0  127.0.0.1:8080      127.0.0.1:40000
      tcp    TIME-WAIT       0       0  127.0.0.1:40001     127.0.0.1:8080
      unix   ESTAB           0       ?  /run/app.sock#1002  #2001
      "
    `)
  })

  it('adds timers, users and numbers', () => {
    const what = { ...list, ownershipOf: undefined }
    expect(`\n${table(what, { timers: true, identity: true })}`).toMatchInlineSnapshot(`
      "
      PROTO  STATE      RECV-Q  SEND-Q  LOCAL               PEER             TIMER            USER          INODE  COOKIE
      tcp    LISTEN          0     511  127.0.0.1:8080      *:*              -                alice(1000)    1000      2a
      udp    UNCONN          0     511  0.0.0.0:5353        *:*              -                www-data(33)      7      2a
      tcp    ESTAB      123456       0  [::1]:8080          [::1]:40000      -                root(0)        1001      2a
      tcp    ESTAB           0       0  127.0.0.1:8080      127.0.0.1:40000  -                -                 -      2a
      tcp    TIME-WAIT       0       0  127.0.0.1:40001     127.0.0.1:8080   time-wait,59.1s  -                 -      2a
      unix   ESTAB           0       ?  /run/app.sock#1002  #2001            -                root(0)        1002       ?
      "
    `)
  })

  it('cuts only the process on a terminal that is too narrow', () => {
    const text = table(list, { width: 90 })
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      PROTO  STATE      RECV-Q  SEND-Q  LOCAL               PEER             PROCESS
      tcp    LISTEN          0     511  127.0.0.1:8080      *:*              node pid=4711 fd=2…
      udp    UNCONN          0     511  0.0.0.0:5353        *:*              (owner hidden: uid…
      tcp    ESTAB      123456       0  [::1]:8080          [::1]:40000      "next-server (v1" …
      tcp    ESTAB           0       0  127.0.0.1:8080      127.0.0.1:40000  (waiting to be acc…
      tcp    TIME-WAIT       0       0  127.0.0.1:40001     127.0.0.1:8080   (kernel: time-wait)
      unix   ESTAB           0       ?  /run/app.sock#1002  #2001            "x\\ntcp LISTEN" pi…
      "
    `)
    expect(Math.max(...text.split('\n').map(line => line.length))).toBe(90)
  })

  it('never cuts an address, also where it stands last', () => {
    const what = { ...list, ownershipOf: undefined }
    for (const width of [40, 50, 60, 70]) expect(table(what, { width })).toBe(table(what))
  })

  it('puts the process below its socket when a cut would leave too little of it', () => {
    const text = table(list, { width: 80 })
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      PROTO  STATE      RECV-Q  SEND-Q  LOCAL               PEER
      tcp    LISTEN          0     511  127.0.0.1:8080      *:*
             node pid=4711 fd=21, node pid=4712 fd=21
      udp    UNCONN          0     511  0.0.0.0:5353        *:*
             (owner hidden: uid 33 www-data)
      tcp    ESTAB      123456       0  [::1]:8080          [::1]:40000
             "next-server (v1" pid=4713 fd=9
      tcp    ESTAB           0       0  127.0.0.1:8080      127.0.0.1:40000
             (waiting to be accepted by node pid=4711 fd=21, node pid=4712 fd=21)
      tcp    TIME-WAIT       0       0  127.0.0.1:40001     127.0.0.1:8080
             (kernel: time-wait)
      unix   ESTAB           0       ?  /run/app.sock#1002  #2001
             "x\\ntcp LISTEN" pid=1 fd=5
      "
    `)
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it('keeps each socket on one line when asked to', () => {
    expect(table(list, { width: 80, oneline: true }).trimEnd().split('\n')).toHaveLength(7)
  })

  it('colours states, listeners and remarks, and pads as without colour', async () => {
    const coloured = table(list, { paint: await loadPaint(true) })
    expect(JSON.stringify(coloured.split('\n').slice(0, 3))).toMatchInlineSnapshot(
      `"["\\u001b[1mPROTO  STATE      RECV-Q  SEND-Q  LOCAL               PEER             PROCESS\\u001b[22m","tcp    \\u001b[1mLISTEN     \\u001b[22m     0     511  127.0.0.1:8080      *:*              node pid=4711 fd=21, node pid=4712 fd=21","udp    \\u001b[2mUNCONN     \\u001b[22m     0     511  0.0.0.0:5353        *:*              \\u001b[2m(owner hidden: uid 33 www-data)\\u001b[22m"]"`,
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken away
    expect(coloured.replaceAll(/\x1b\[\d+m/g, '')).toBe(table(list))
  })

  it('leaves the headings out', () => {
    expect(table(list, { header: false }).split('\n')[0]).toMatch(/^tcp /)
  })

  it('shows the headings alone when there is nothing', () => {
    expect(table({ ...list, records: [] })).toBe(
      'PROTO  STATE  RECV-Q  SEND-Q  LOCAL  PEER  PROCESS\n',
    )
  })

  it('gives the first row out before it makes the last', () => {
    const records = Array.from({ length: 5000 }, () => record())
    Object.defineProperty(records[4999], 'local', {
      get: () => {
        throw new Error('made too early')
      },
    })
    const pieces = lines({ ...list, records })[Symbol.iterator]()
    expect(pieces.next().value).toMatch(/^PROTO/)
    expect(pieces.next().value).toMatch(/^tcp /)
  })

  it('grows a column when a later row needs it, and never cuts an address', () => {
    const records = Array.from({ length: 2000 }, () => record())
    const long = '[2001:db8:1234:5678:9abc:def0:1234:5678]:65535'
    records.push(connection(long, long), record())
    const lines = table(socketList(records)).trimEnd().split('\n')
    expect(lines.at(-2)).toContain(`  ${long}  ${long}`)
    expect(lines.at(-1)?.indexOf('*:*')).toBe(lines.at(-2)?.lastIndexOf(long))
  })

  it('lets a path wider than every address push only its own row aside', () => {
    const path = `/${'x'.repeat(100)}`
    const what = socketList([record(), unixSocket(path, { state: 'listen' }), record()])
    const lines = table(what).trimEnd().split('\n')
    expect(lines[2]).toContain(`  ${path}  `)
    expect(lines[1]?.indexOf('*:*')).toBe(lines[3]?.indexOf('*:*'))
    expect(lines[1]?.length).toBeLessThan(100)
  })

  it('aligns by what a terminal shows, not by letters', () => {
    const what = socketList([unixSocket('/日本', { state: 'listen' }), record()])
    const [, first, second] = table(what).split('\n')
    expect(first?.indexOf('#2001')).toBe((second?.indexOf('*:*') ?? 0) - 2)
  })

  it('cuts between letters, by what a terminal shows', () => {
    const what = socketList([record()], { 1000: [{ ...node, name: '日本日本日本日本日本' }] })
    const [, row = ''] = table(what, { width: 72 }).split('\n')
    expect(row).toMatch(/"日本日本日本日本…$/)
  })

  it('makes one row of one socket, whatever its names hold', () => {
    const evil = 'a"))\r\n\x1b[2J‮  ｔcp LISTEN'
    const what = socketList([record(), unixSocket(evil), unixSocket('', { inode: 3 })], {
      1000: [{ ...node, name: evil }],
    })
    const text = table(what)
    expect(text.trimEnd().split('\n')).toHaveLength(4)
    expect(text).toMatchInlineSnapshot(`
      "PROTO  STATE   RECV-Q  SEND-Q  LOCAL                                            PEER   PROCESS
      tcp    LISTEN       0     511  127.0.0.1:8080                                   *:*    "a\\"))\\r\\n\\x1b[2J\\u{202e}  ｔcp LISTEN" pid=4711 fd=21
      unix   ESTAB        0       0  a"))\\r\\n\\x1b[2J\\u{202e}\\x20\\x20ｔcp\\x20LISTEN#1000  #2001  "a\\"))\\r\\n\\x1b[2J\\u{202e}  ｔcp LISTEN" pid=4711 fd=21
      unix   ESTAB        0       0  #3                                               #2001  (owner hidden: uid 0 root)
      "
    `)
  })
})

describe('socketTable with details', () => {
  const all = { timers: true, identity: true, internals: true, memory: true }
  const columns = [...LIST_COLUMNS, COLUMNS.owners]
  const what: SocketList = {
    ...socketList(
      [
        record({ receiveQueue: 3, drops: 2, memory: MEMORY, tcp: { ...TCP, info: ZERO } }),
        detailed({
          timer: { kind: 'keepalive', expiresInMs: 7_140_000, retransmits: 0 },
          netns: undefined,
        }),
        connection('127.0.0.1:40001', '127.0.0.1:8080', {
          state: 'time-wait',
          inode: 0,
          uid: undefined,
          timer: { kind: 'time-wait', expiresInMs: 59_100, retransmits: 0 },
        }),
      ],
      { 1000: [node] },
    ),
    ...NAMES,
  }
  const draw = (options: Partial<Parameters<typeof socketTable>[1]> = {}, of = what): string =>
    [
      ...socketTable(of, {
        ...{ columns, details: all, header: true, paint: PLAIN, oneline: false },
        ...options,
      }),
    ].join('')

  it('has a column for each without a terminal', () => {
    expect(`\n${draw()}`).toMatchInlineSnapshot(`
      "
      PROTO  STATE      RECV-Q  SEND-Q  LOCAL                PEER             TIMER            USER     INODE  COOKIE  MARK  CGROUP                      SHUTDOWN        RTT  RETRANS  CWND   MSS  CONG   DELIVERY     PACING    SENT  RESENT  RECEIVED  LIMITED   IDLE       RECV-MEM   SEND-MEM  DROPS  PROCESS
      tcp    LISTEN          3     511  127.0.0.1:8080       *:*              -                root(0)   1000      2a     -  -                           -                 -        -     -     -  bbr           -          -       -       -         -  -            -  2.3KiB/128KiB  0B/2.5MiB      2  node pid=4711 fd=21
      tcp    ESTAB           0       0  127.0.0.1%eth0:8080  127.0.0.1:40000  keepalive,1h59m  root(0)   1000      2a  0x10  /system.slice/shop.service  send      1.2ms±0.3        3    10  1448  bbr   11.8MiB/s  23.8MiB/s  1.2MiB  4.2KiB     40KiB  rwnd:12%  3.1s  2.3KiB/128KiB  0B/2.5MiB      0  node pid=4711 fd=21
      tcp    TIME-WAIT       0       0  127.0.0.1:40001      127.0.0.1:8080   time-wait,59.1s  -            -      2a     -  -                           -                 -        -     -     -  -             -          -       -       -         -  -            -              -          -      -  (kernel: time-wait)
      "
    `)
  })

  it('says them in words below each socket on a terminal that is too narrow', () => {
    const text = draw({ width: 80 })
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      PROTO  STATE      RECV-Q  SEND-Q  LOCAL                PEER
      tcp    LISTEN          3     511  127.0.0.1:8080       *:*
             node pid=4711 fd=21
             accept queue 3/511 · bbr · carries tls
             receive memory 2.3 KiB of 128 KiB · send memory 0 B of 2.5 MiB · 2 drops
             uid 0 root · inode 1000 · cookie 2a
      tcp    ESTAB           0       0  127.0.0.1%eth0:8080  127.0.0.1:40000
             node pid=4711 fd=21
             rtt 1.2ms ± 321us (min 900us) · cwnd 10 · mss 1448 · bbr
             delivers 11.8 MiB/s · paced at 23.8 MiB/s
             sent 1.2 MiB, 3 retransmitted (4.2 KiB) · received 40 KiB
             limited by the peer's window 12 % of its busy time · last data 3.1s ago
             carries tls
             receive memory 2.3 KiB of 128 KiB · send memory 0 B of 2.5 MiB
             keepalive in 1h59m · uid 0 root · inode 1000 · cookie 2a · mark 0x10
             cgroup /system.slice/shop.service · shut down: send
             options recverr freebind
      tcp    TIME-WAIT       0       0  127.0.0.1:40001      127.0.0.1:8080
             (kernel: time-wait)
             time-wait ends in 59.1s · cookie 2a
      "
    `)
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it('is one line for each socket on a wide terminal, or when asked to', () => {
    expect(draw({ width: 400 })).toBe(draw())
    expect(draw({ width: 80, oneline: true }).trimEnd().split('\n')).toHaveLength(4)
  })

  it('shows the drops of a listener though nobody asked, and only where there are some', () => {
    const details = { ...all, timers: false, identity: false, internals: false, memory: false }
    expect(draw({ details }).split('\n').slice(0, 2).map(words)).toEqual([
      ['PROTO', 'STATE', 'RECV-Q', 'SEND-Q', 'LOCAL', 'PEER', 'DROPS', 'PROCESS'],
      ['tcp', 'LISTEN', '3', '511', '127.0.0.1:8080', '*:*', '2', 'node pid=4711 fd=21'],
    ])
    const without = { ...what, records: [record({ drops: 0, memory: MEMORY })] }
    expect(draw({ details }, without)).not.toContain('DROPS')
  })

  it('names the network namespace where others were asked for', () => {
    const elsewhere = { ...what, records: [detailed()] }
    expect(draw({ details: undefined }, elsewhere).split('\n').map(words)).toEqual([
      ['PROTO', 'STATE', 'RECV-Q', 'SEND-Q', 'LOCAL', 'PEER', 'NETNS', 'PROCESS'],
      expect.arrayContaining(['shop', 'node pid=4711 fd=21']),
      [''],
    ])
  })

  it('makes no row of a hostile name, below a socket neither', () => {
    const evil = 'a"))\n\x1b[2J tcp LISTEN'
    const hostile = {
      ...socketList([unixSocket(evil, { cgroupId: 7 })], { 1000: [{ ...node, name: evil }] }),
      cgroupName: () => `/${evil}`,
      userName: () => evil,
    }
    const rows = draw({ width: 80 }, hostile).trimEnd().split('\n')
    expect(rows.filter(row => !row.startsWith('       '))).toHaveLength(2)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
    expect(rows.join('')).not.toMatch(/[\u0000-\u001f]/)
    expect(draw({}, hostile).trimEnd().split('\n')).toHaveLength(2)
  })
})

function words(row: string): string[] {
  return row.split(/ {2,}/)
}

describe('the overview', () => {
  it('tells what the network can reach from what it cannot', () => {
    const records = [
      record({ uid: 1000 }),
      record({ local: address('[::]:443'), inode: 7 }),
      record({ local: address('192.0.2.1:53'), protocol: 'udp', inode: 7, uid: 33 }),
      record({ local: address('[::ffff:127.0.0.1]:9'), inode: 7, uid: 33 }),
    ]
    const what = socketList(records, { 1000: [node] })
    const columns = [...OVERVIEW_COLUMNS, COLUMNS.owners]
    const text = [...socketTable(what, { columns, header: true, paint: PLAIN, oneline: false })]
    expect(`\n${text.join('')}`).toMatchInlineSnapshot(`
      "
      PROTO  LOCAL                 OPEN TO    PROCESS
      tcp    127.0.0.1:8080        localhost  node pid=4711 fd=21
      tcp    [::]:443              network    (owner hidden: uid 0 root)
      udp    192.0.2.1:53          network    (owner hidden: uid 33 www-data)
      tcp    [::ffff:127.0.0.1]:9  localhost  (owner hidden: uid 33 www-data)
      "
    `)
  })
})
