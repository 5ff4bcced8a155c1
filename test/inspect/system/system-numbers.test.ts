import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemNumbers } from '../../../src/inspect/system/system-numbers.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))

afterAll(() => rmSync(folder, { recursive: true }))

function write(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'proc-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

describe('systemNumbers', () => {
  const numbers = systemNumbers(
    write({
      'net/netstat':
        'TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 0 12\nIpExt: InNoRoutes\nIpExt: 3\n',
      'net/snmp': 'Tcp: MaxConn ActiveOpens\nTcp: -1 42\nUdp: NoPorts RcvbufErrors\nUdp: 5 6\n',
      'net/softnet_stat': '0000ffff 00000010 00000000\n00000001 00000002 00000000\n',
      'net/sockstat':
        'sockets: used 170\nTCP: inuse 5 orphan 1 tw 2 alloc 7 mem 1\nUDP: inuse 3 mem 0\n',
      'sys/net/ipv4/tcp_mem': '18807\t25076\t37614\n',
      'sys/net/ipv4/ip_local_reserved_ports': '8080,9148\n',
      'sys/net/ipv4/tcp_congestion_control': 'cubic\n',
    }),
  )

  it('reads counters by name, whatever their order', () => {
    expect(numbers.counter('TcpExtListenOverflows')).toBe(12)
    expect(numbers.counter('IpExtInNoRoutes')).toBe(3)
    expect(numbers.counter('TcpMaxConn')).toBe(-1)
    expect(numbers.counter('UdpRcvbufErrors')).toBe(6)
    expect(numbers.counter('TcpExtNothing')).toBeUndefined()
  })

  it('adds up what processors have dropped', () => {
    expect(numbers.counter('SoftnetDropped')).toBe(18)
  })

  it('reads levels among them', () => {
    expect(numbers.counter('SockstatTCPOrphan')).toBe(1)
    expect(numbers.counter('SockstatUDPMem')).toBe(0)
  })

  it('reads settings as numbers, or as they stand', () => {
    expect(numbers.setting('net/ipv4/tcp_mem')).toEqual([18_807, 25_076, 37_614])
    expect(numbers.settingText('net/ipv4/ip_local_reserved_ports')).toBe('8080,9148')
    expect(numbers.setting('net/ipv4/tcp_congestion_control')).toBeUndefined()
    expect(numbers.setting('net/ipv4/nothing')).toBeUndefined()
  })

  it('knows nothing where there is no proc(5)', () => {
    const none = systemNumbers(join(folder, 'nowhere'))
    expect(none.counter('TcpOutSegs')).toBeUndefined()
    expect(none.setting('fs/file-nr')).toBeUndefined()
  })
})

describe.skipIf(process.platform !== 'linux')('systemNumbers of this machine', () => {
  it('has what the rules ask for', () => {
    const numbers = systemNumbers('/proc')
    expect(numbers.counter('TcpOutSegs')).toBeGreaterThanOrEqual(0)
    expect(numbers.counter('TcpExtListenOverflows')).toBeGreaterThanOrEqual(0)
    expect(numbers.counter('SockstatTCPOrphan')).toBeGreaterThanOrEqual(0)
    expect(numbers.setting('net/ipv4/ip_local_port_range')).toHaveLength(2)
    expect(numbers.setting('fs/file-nr')).toHaveLength(3)
  })
})
