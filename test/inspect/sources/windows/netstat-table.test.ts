import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseWindowsNetstat } from '../../../../src/inspect/sources/windows/netstat-table.ts'

const ENGLISH = [
  '',
  'Active Connections',
  '',
  '  Proto  Local Address          Foreign Address        State           PID',
  '  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1052',
  '  TCP    192.168.1.5:50000      10.0.0.1:443           ESTABLISHED     4711',
  '  TCP    192.168.1.5:50001      10.0.0.1:443           TIME_WAIT       0',
  '  TCP    [::]:445               [::]:0                 LISTENING       4',
  '  TCP    [fe80::1%5]:139        [fe80::2%5]:60000      CLOSE_WAIT      4',
  '  UDP    0.0.0.0:5353           *:*                                    2222',
  '  UDP    [::1]:1900             *:*                                    2223',
  '',
].join('\r\n')

/** A line whose state is this word, in a code page that is not UTF-8 as the console writes it. */
function line(word: string, { remote = '10.0.0.1:443', pid = 7 } = {}): string {
  const bytes = Buffer.from(`  TCP    127.0.0.1:80   ${remote}   ${word}   ${pid}\r\n`, 'latin1')
  return bytes.toString()
}

describe('parseWindowsNetstat', () => {
  it('reads TCP and UDP over both families', () => {
    const { rows, unknown } = parseWindowsNetstat(ENGLISH)
    expect(unknown).toBe(0)
    const end = (host: string, port: number) => ({
      family: host.includes(':') ? 'ipv6' : 'ipv4',
      host,
      port,
    })
    expect(rows).toEqual([
      {
        protocol: 'tcp',
        family: 'ipv4',
        state: 'listen',
        local: end('0.0.0.0', 135),
        remote: undefined,
        pid: 1052,
      },
      {
        protocol: 'tcp',
        family: 'ipv4',
        state: 'established',
        local: end('192.168.1.5', 50_000),
        remote: end('10.0.0.1', 443),
        pid: 4711,
      },
      {
        protocol: 'tcp',
        family: 'ipv4',
        state: 'time-wait',
        local: end('192.168.1.5', 50_001),
        remote: end('10.0.0.1', 443),
        pid: 0,
      },
      {
        protocol: 'tcp',
        family: 'ipv6',
        state: 'listen',
        local: end('::', 445),
        remote: undefined,
        pid: 4,
      },
      {
        protocol: 'tcp',
        family: 'ipv6',
        state: 'close-wait',
        local: end('fe80::1%5', 139),
        remote: end('fe80::2%5', 60_000),
        pid: 4,
      },
      {
        protocol: 'udp',
        family: 'ipv4',
        state: 'unconnected',
        local: end('0.0.0.0', 5353),
        remote: undefined,
        pid: 2222,
      },
      {
        protocol: 'udp',
        family: 'ipv6',
        state: 'unconnected',
        local: end('::1', 1900),
        remote: undefined,
        pid: 2223,
      },
    ])
  })

  it.each([
    ['HERGESTELLT', 'established'],
    ['SCHLIESSEN_WARTEN', 'close-wait'],
    ['WARTEND', 'time-wait'],
    ['SYN_GESENDET', 'syn-sent'],
    ['ABHÖREN', 'listen'],
    ['ABH\u0099REN', 'listen'],
    ['FIN_WAIT_2', 'fin-wait-2'],
  ])('knows the word %s', (word, state) => {
    expect(parseWindowsNetstat(line(word)).rows).toMatchObject([{ state }])
  })

  it('knows a listener and a TIME_WAIT by their shape, in any language', () => {
    const listener = line('À L’ÉCOUTE', { remote: '0.0.0.0:0' })
    const resting = line('DELAI ATTENTE', { pid: 0 })
    expect(parseWindowsNetstat(listener + resting)).toMatchObject({
      rows: [{ state: 'listen' }, { state: 'time-wait' }],
      unknown: 0,
    })
  })

  it('counts what it cannot tell', () => {
    const cut =
      '  TCP    127.0.0.1:80\r\n  UDP    [2001:db8:1\r\n  TCP    1.2.3.4:99999  *:*  X  1\r\n'
    expect(parseWindowsNetstat(line('ÉTABLIE') + cut)).toEqual({ rows: [], unknown: 4 })
  })

  it('reads any text, and any part of one', () => {
    fc.assert(
      fc.property(fc.nat(ENGLISH.length), fc.string(), (at, any) => {
        const { rows, unknown } = parseWindowsNetstat(ENGLISH.slice(0, at) + any)
        expect(rows.length + unknown).toBeLessThan(10)
        for (const { local } of rows) expect(local.port).toBeLessThanOrEqual(65_535)
      }),
    )
  })
})
