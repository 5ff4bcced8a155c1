import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { parseInetTable } from '../../../src/inspect/sources/proc-inet-table.ts'

const TCP = { protocol: 'tcp', family: 'ipv4', states: new Set(ALL_STATES) } as const
const TCP6 = { ...TCP, family: 'ipv6' } as const

// As Linux 6.18 wrote it, on a little-endian machine.
const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const LISTEN =
  '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000    33        0 325460 1 000000004aaeb9ad 100 0 0 10 0\n'
const RETRANSMITS =
  '  17: 0100007F:B3B1 0200000A:0050 01 0000000A:00000006 01:0000076F 00000004  1000        0 325461 2 0000000041d0ba05 20 4 30 10 -1\n'
const PROBES =
  '  18: 0100007F:B3B2 0200000A:0050 04 0000000A:00000000 04:00000014 00000000     0        3 0 2 0000000041d0ba05 20 4 30 10 -1\n'
const TIME_WAIT =
  ' 12345: 0100007F:B3B3 0100007F:1F90 06 00000000:00000000 03:0000175E 00000000     0        0 0 3 00000000f2cb1d3a\n'
const MAPPED =
  '   1: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:B3B1 01 00000000:00000000 00:00000000 00000000     0        0 99 1 000000004aaeb9ad 20 4 30 10 -1\n'

describe.skipIf(new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)('parseInetTable', () => {
  it('reads a listener, whose limit of waiting connections is not there', () => {
    expect(parseInetTable(HEADING + LISTEN, TCP)).toEqual([
      {
        protocol: 'tcp',
        family: 'ipv4',
        state: 'listen',
        local: { family: 'ipv4', host: '127.0.0.1', port: 8080 },
        remote: undefined,
        receiveQueue: 3,
        sendQueue: undefined,
        inode: 325460,
        uid: 33,
        timer: undefined,
        cookie: undefined,
        interfaceIndex: undefined,
        unix: undefined,
      },
    ])
  })

  it('reads queues and timers', () => {
    expect(parseInetTable(HEADING + RETRANSMITS + PROBES + TIME_WAIT, TCP)).toMatchObject([
      {
        remote: { host: '10.0.0.2', port: 80 },
        receiveQueue: 6,
        sendQueue: 10,
        uid: 1000,
        timer: { kind: 'retransmit', expiresInMs: 19_030, retransmits: 4 },
      },
      {
        state: 'fin-wait-1',
        inode: 0,
        uid: undefined,
        timer: { kind: 'zero-window-probe', expiresInMs: 200, retransmits: 3 },
      },
      { state: 'time-wait', timer: { kind: 'time-wait', expiresInMs: 59_820, retransmits: 0 } },
    ])
  })

  it('reads what datagrams have lost, and takes no number of TCP for it', () => {
    const line =
      '  54: 0100007F:00FD 0100007F:0000 01 00000000:00000000 00:00000000 00000000     0        0 1221117 2 00000000eac825d4 97\n'
    const table = { ...TCP, protocol: 'raw' } as const
    expect(parseInetTable(line, table)).toMatchObject([
      { protocol: 'raw', state: 'established', local: { port: 253 }, inode: 1221117, drops: 97 },
    ])
    const cut = line.slice(0, line.indexOf(' 2 0'))
    expect(parseInetTable(cut, table).map(({ drops }) => drops)).toEqual([undefined])
    expect(parseInetTable(LISTEN, TCP).map(({ drops }) => drops)).toEqual([undefined])
  })

  it('takes a timer that is overdue for one that is due', () => {
    const overdue = RETRANSMITS.replace('0000076F', 'FFFFFFFFFFFFFFFE')
    expect(parseInetTable(overdue, TCP)).toMatchObject([{ timer: { expiresInMs: 0 } }])
  })

  it('reads IPv6, and leaves mapped addresses as they are', () => {
    expect(parseInetTable(HEADING + MAPPED, TCP6)).toMatchObject([
      { family: 'ipv6', local: { family: 'ipv6', host: '::ffff:127.0.0.1', port: 8080 } },
    ])
    expect(parseInetTable(HEADING + MAPPED, TCP)).toEqual([])
  })

  it('takes only the states that are wanted', () => {
    const states = new Set(['time-wait'] as const)
    const records = parseInetTable(LISTEN + RETRANSMITS + TIME_WAIT, { ...TCP, states })
    expect(records.map(({ state }) => state)).toEqual(['time-wait'])
  })

  it('takes the first line of a socket that stands there twice', () => {
    const moved = RETRANSMITS.replace(' 01 0000000A', ' 08 0000000A')
    const records = parseInetTable(RETRANSMITS + moved + TIME_WAIT + TIME_WAIT, TCP)
    expect(records.map(({ state }) => state)).toEqual(['established', 'time-wait'])
  })

  it('leaves out a line that is cut off', () => {
    for (let end = 0; end < LISTEN.length; end += 7) {
      const records = parseInetTable(RETRANSMITS + LISTEN.slice(0, end), TCP)
      expect(records.map(({ local }) => local).slice(0, 1)).toMatchObject([{ port: 46_001 }])
    }
    expect(parseInetTable(LISTEN.slice(0, 60), TCP)).toEqual([])
  })

  it('reads any text', () => {
    const line = fc.stringMatching(/^ {0,3}\d{1,4}: [\dA-F: ]{0,120}\d{0,5}$/)
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string())), lines => {
        expect(Array.isArray(parseInetTable(lines.join('\n'), TCP))).toBe(true)
      }),
    )
  })
})
