import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../../support/context.ts'

describe('sockctl inspect --counters', () => {
  let proc: string

  beforeEach(() => {
    proc = mkdtempSync(join(tmpdir(), 'sockctl-counters-'))
    mkdirSync(join(proc, 'net'))
    writeFileSync(
      join(proc, 'net/snmp'),
      'Tcp: MaxConn ActiveOpens\nTcp: -1 0\nUdp: InDatagrams NoPorts\nUdp: 18446744073709551615 3\n',
    )
  })

  afterEach(() => {
    rmSync(proc, { recursive: true })
  })

  it('reads a copy of /proc on any system, and names the files that are not there', async () => {
    const argv = ['inspect', '--counters', '--proc', proc]
    const { code, stdout, stderr } = await run(argv, { platform: 'darwin' })
    expect(code).toBe(0)
    expect(stdout).toBe(
      'UDP\n' +
        '  UdpInDatagrams  18446744073709551615  datagrams handed to processes\n' +
        '  UdpNoPorts                         3  datagrams to a port where nobody is\n',
    )
    expect(stderr).toContain('2 counters; 1 is zero, 1 is not explained: -a shows them\n')
    expect(stderr).toContain(`not read: ${proc}/net/netstat: no such file or folder (ENOENT);`)
  })

  it('wraps explanations on a terminal, under their start', async () => {
    const argv = ['inspect', '--counters', '--color', 'never', '--proc', proc]
    const { stdout } = await run(argv, { columns: 64 })
    expect(stdout.split('\n').slice(1, 4)).toEqual([
      '  UdpInDatagrams  18446744073709551615  datagrams handed to',
      '                                        processes',
      '  UdpNoPorts                         3  datagrams to a port',
    ])
  })

  it('writes JSON with every digit', async () => {
    const { stdout } = await run(['inspect', '--counters', '-a', '--json', '--proc', proc])
    expect(stdout).toContain('"name":"UdpInDatagrams","value":18446744073709551615,"kind":"total"')
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      takenAt: '2026-01-02T03:04:05.678Z',
      counters: expect.arrayContaining([
        { name: 'TcpMaxConn', value: -1, kind: 'level', group: 'Other' },
      ]),
      warnings: [{ code: 'incomplete' }],
    })
  })

  it('writes JSON lines and CSV', async () => {
    const argv = ['inspect', '--counters', 'noports', '--proc', proc]
    const { stdout } = await run([...argv, '--ndjson'])
    expect(
      stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).event),
    ).toEqual(['counters', 'warning', 'counter'])
    expect((await run([...argv, '--csv'])).stdout).toBe(
      'name,value,kind,limit,group\r\nUdpNoPorts,3,total,,UDP\r\n',
    )
  })

  it('says when no counter has that name, and which one has almost', async () => {
    const argv = ['inspect', '--counters', 'UdpNoPort5', '--proc', proc]
    expect(await run(argv)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'no counter is named UdpNoPort5\nDid you mean UdpNoPorts?\n',
    })
  })

  it('is not for systems without /proc', async () => {
    const { code, stderr } = await run(['inspect', '--counters'], { platform: 'win32' })
    expect(code).toBe(9)
    expect(stderr).toContain('See: netstat -s')
  })

  it('fails when there is not one file', async () => {
    const { code, stderr } = await run(['inspect', '--counters', '--proc', '/nowhere'])
    expect(code).toBe(3)
    expect(stderr).toContain('cannot read /nowhere/net/snmp: no such file')
  })
})
