import { describe, expect, it } from 'vitest'
import {
  chooseColumns,
  columnNamed,
  LIST_COLUMNS,
  machineColumns,
  parseColumns,
} from '../../../src/inspect/views/column-choice.ts'
import { cellOf } from '../../../src/inspect/views/columns/cells.ts'
import { ALL_COLUMNS, COLUMNS } from '../../../src/inspect/views/columns/index.ts'
import { terminalText } from '../../../src/terminal-text.ts'
import { ALL_DETAILS, detailed, NAMES } from '../../support/detailed-record.ts'
import { record, socketList, unixSocket } from '../../support/records.ts'

const keys = (text: string) => chooseColumns(LIST_COLUMNS, parseColumns(text)).map(({ key }) => key)

describe('the columns', () => {
  it('have one name each, by which they are found', () => {
    expect(ALL_COLUMNS).toHaveLength(Object.keys(COLUMNS).length)
    for (const column of ALL_COLUMNS) {
      expect(columnNamed(column.key)).toBe(column)
      expect(columnNamed(column.heading)).toBe(column)
    }
    expect(new Set(ALL_COLUMNS.map(({ heading }) => heading)).size).toBe(ALL_COLUMNS.length)
  })

  it('say what they are without a full stop', () => {
    for (const { key, text } of ALL_COLUMNS) {
      expect([key, text]).toEqual([key, expect.stringMatching(/^[A-Za-z][^\n]*[^.]$|\.\.\.$/)])
    }
  })

  it('fill their cells with one line without a control character, whatever a name holds', () => {
    const evil = 'a")) \r\n\x1b[2J|'
    const records = [
      record(),
      detailed({
        netns: { inode: 7, name: evil },
        tcp: {
          info: detailed().tcp?.info,
          congestion: evil,
          congestionState: { [evil]: 1 },
          upperProtocol: evil,
        },
      }),
      unixSocket(evil),
      unixSocket(''),
    ]
    const list = {
      ...socketList(records, { 1000: [{ pid: 1, fd: 2, name: evil }] }),
      interfaceName: () => evil,
      cgroupName: () => evil,
      userName: () => evil,
      peerOf: () => records[2],
    }
    for (const column of ALL_COLUMNS) {
      for (const one of records) {
        const cell = cellOf(column, one, list)
        expect([column.key, cell]).toEqual([column.key, terminalText(cell)])
        expect(cell).not.toBe('')
      }
    }
  })

  it('write amounts with their units, and without blanks', () => {
    const list = { ...socketList([]), ...NAMES }
    const cells = Object.fromEntries(
      ALL_COLUMNS.filter(({ needs }) => needs?.details).map(column => [
        column.heading,
        cellOf(column, detailed(), list),
      ]),
    )
    expect(cells).toMatchInlineSnapshot(`
      {
        "ACKED": "1.2MiB",
        "ADVMSS": "1448",
        "APP-LIMITED": "true",
        "ATO": "40ms",
        "BACKOFF": "0",
        "BUSY": "2.0s",
        "CA-STATE": "open",
        "CLASS-ID": "1",
        "CONG": "bbr",
        "CONG-STATE": "minRttUs:900",
        "CWND": "10",
        "DATA-IN": "40",
        "DATA-OUT": "870",
        "DELIVERED": "871",
        "DELIVERED-CE": "0",
        "DELIVERY": "11.8MiB/s",
        "DROPS": "0",
        "DUPLICATES": "0",
        "FWD-MEM": "1.8KiB",
        "IDLE": "3.1s",
        "LAST-ACK": "3.1s",
        "LAST-RECEIVED": "4.2s",
        "LAST-SENT": "3.1s",
        "LIMITED": "rwnd:12%",
        "LOCK-MEM": "0B",
        "LOST": "0",
        "MAX-PACING": "47.7MiB/s",
        "MIN-RTT": "900us",
        "MSS": "1448",
        "NOTSENT": "0B",
        "OPT-MEM": "0B",
        "OUT-OF-ORDER": "0",
        "PACING": "23.8MiB/s",
        "PMTU": "1500",
        "PROBES": "0",
        "RECEIVED": "40KiB",
        "RECV-LIMIT": "128KiB",
        "RECV-MEM": "2.3KiB/128KiB",
        "RECV-MSS": "536",
        "RECV-RTT": "1.0ms",
        "RECV-SPACE": "14.3KiB",
        "RECV-SSTHRESH": "62.6KiB",
        "RECV-WINDOW": "64KiB",
        "RECV-WSCALE": "7",
        "REHASH": "0",
        "REORDERED": "0",
        "REORDERING": "3",
        "RESENT": "4.2KiB",
        "RETRANS": "3",
        "RETRANS-OUT": "0",
        "RTO": "204ms",
        "RTO-RECOVERIES": "1",
        "RTO-TIME": "210ms",
        "RTOS": "1",
        "RTT": "1.2ms±0.3",
        "RTT-VAR": "321us",
        "RWND-LIMITED": "240ms",
        "SACKED": "0",
        "SEGS-IN": "500",
        "SEGS-OUT": "900",
        "SEND-LIMIT": "2.5MiB",
        "SEND-MEM": "0B/2.5MiB",
        "SEND-WINDOW": "64KiB",
        "SEND-WSCALE": "7",
        "SENT": "1.2MiB",
        "SNDBUF-LIMITED": "0us",
        "SSTHRESH": "7",
        "TCLASS": "0",
        "TCP-OPTIONS": "ts,sack,wscale",
        "TIMEOUTS": "0",
        "TOS": "16",
        "UNACKED": "0",
        "UPPER": "tls",
        "XMIT-MEM": "0B",
      }
    `)
  })
})

describe('parseColumns, chooseColumns', () => {
  it('takes these columns in this order', () => {
    expect(keys('peer,LOCAL,rtt,open-to')).toEqual(['remote', 'local', 'rttUs', 'openTo'])
  })

  it('adds to those of the view, and takes away', () => {
    expect(keys('+inode,-recvq,-send-q')).toEqual(['protocol', 'state', 'local', 'remote', 'inode'])
  })

  it('adds nothing twice', () => {
    expect(keys('local,+local,+state')).toEqual(['local', 'state'])
  })

  it('names the nearest column', () => {
    expect(() => parseColumns('local,cwmd')).toThrow('no such column: "cwmd"')
    expect(() => parseColumns('')).toThrow('a column is missing')
    expect(() => parseColumns('+')).toThrow('a column is missing')
  })
})

describe('machineColumns', () => {
  it('has what every source tells, and what was asked for', () => {
    const few = machineColumns('csv', { details: new Set(), peers: false })
    const all = machineColumns('csv', { details: ALL_DETAILS, peers: true })
    expect(few.length).toBeLessThan(all.length)
    const missing = ALL_COLUMNS.filter(({ standsIn }) => standsIn?.includes('csv')).filter(
      column => !all.includes(column),
    )
    expect(missing).toEqual([])
  })
})
