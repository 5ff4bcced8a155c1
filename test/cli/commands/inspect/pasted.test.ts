import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { main } from '../../../../src/main.ts'
import { fakeContext, run } from '../../../support/context.ts'

// As Linux 6.18 wrote them, on a little-endian machine.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000    33        0 325460 1 000000004aaeb9ad 100 0 0 10 0
   1: 0100007F:1F90 0100007F:B3B1 08 00000000:00000001 00:00000000 00000000    33        0 325461 1 000000004aaeb9ad 20 4 30 10 -1
`
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 99 1 000000004aaeb9ad 100 0 0 10 0
`
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1495: 0100007F:C600 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12 2 000000002bd97f8d 7
`
const RAW = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 233: 0100007F:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 13 2 000000006891dd32 0
`
const UNIX = `Num       RefCount Protocol Flags    Type St Inode Path
000000007f0d6393: 00000002 00000000 00010000 0001 01   1126 /run/door
`
const PACKET = `sk               RefCnt Type Proto  Iface R Rmem   User   Inode
00000000c8d1861a 3      3    88b5   1     1 0      0      1221121
`
const NETLINK = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
0000000052d02103 0   8905       00000000 0        0        0     2        0        1221125
`
const ALL = TCP + TCP6 + UDP + RAW + UNIX + PACKET + NETLINK

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

const inspect = (stdin: string, ...argv: string[]) => run(['inspect', ...argv], { stdin })

describe.skipIf(!isLittleEndian)('sockctl inspect -', () => {
  it('shows all that is in the text, in every state', async () => {
    const { code, stdout, stderr } = await inspect(TCP + TCP6, '-')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => line.split(/ +/)),
    ).toEqual([
      ['PROTO', 'STATE', 'RECV-Q', 'SEND-Q', 'LOCAL', 'PEER'],
      ['tcp', 'LISTEN', '3', '?', '127.0.0.1:8080', '*:*'],
      ['tcp', 'CLOSE-WAIT', '1', '0', '127.0.0.1:8080', '127.0.0.1:46001'],
      ['tcp', 'LISTEN', '0', '?', '[::1]:80', '*:*'],
    ])
    expect(stderr).toContain('the text does not show who holds a socket, ')
    expect(code).toBe(0)
  })

  it('reads every table, also from a terminal that ends lines with CRLF', async () => {
    const { stdout } = await inspect(ALL.replaceAll('\n', '\r\n'), '-', '--json')
    const { source, sockets } = JSON.parse(stdout)
    expect(source).toBe('pasted')
    expect(sockets.map((one: { protocol: string }) => one.protocol)).toEqual([
      ...['tcp', 'tcp', 'tcp', 'udp', 'raw', 'unix', 'packet', 'netlink'],
    ])
    expect(sockets.some((one: object) => 'owners' in one || 'ownership' in one)).toBe(false)
    expect(sockets[5]).toMatchObject({ local: { path: '/run/door' }, state: 'listen' })
  })

  it('takes ports and flags as it does elsewhere', async () => {
    const byPort = await inspect(ALL, '-', '8080', '-H')
    expect(byPort.stdout.trimEnd().split('\n')).toHaveLength(2)
    const byFlag = await inspect(ALL, '-', '-uH', '-a')
    expect(byFlag.stdout).toMatch(/^udp +UNCONN .*127\.0\.0\.1:50688/)
    expect(byFlag.stderr).not.toContain('no table')
    const none = await inspect(ALL, '-', '4711')
    expect(none).toMatchObject({ code: 1, stdout: '' })
    const ofTcp = await inspect(TCP, '-', '-ua')
    expect(ofTcp.stderr).toContain('the text has no table of UDP sockets')
  })

  it('never says that there is no process', async () => {
    const { stdout, stderr } = await inspect(ALL, '-', '-p')
    expect(stdout).not.toContain('process')
    expect(stderr).toContain('does not show who holds a socket')
  })

  it.each([
    ['', 'cannot read sockets from stdin: there is no text'],
    ['State Recv-Q\nLISTEN 0', 'cannot read sockets from stdin: the text is no table of /proc/net'],
  ])('says what it expects when it gets %j', async (text, message) => {
    const { code, stdout, stderr } = await inspect(text, '-')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(
      `sockctl: ${message}\n  Expected tcp, udp, raw, unix, packet or netlink`,
    )
  })

  it.each([
    [['--pid', '1'], 'do not tell who holds a socket'],
    [['--process', 'node'], 'do not tell who holds a socket'],
    [['--proc', '/x'], '"-" and --proc are two places to look into'],
    [['--source', 'procfs'], '"-" and --source are two places to look into'],
  ])('refuses %j, which the text cannot answer', async (flags, message) => {
    const { code, stderr } = await inspect(ALL, '-', ...flags)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it('asks for the text on a terminal', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    const context = fakeContext({ stdin })
    const exit = main(['inspect', '-'], context)
    await context.stderr.until(/Paste tables of \/proc\/net, then press Ctrl-D/)
    stdin.end(UNIX)
    expect(await exit).toBe(0)
    expect(context.stdout.text).toContain('/run/door')
  })
})

describe.skipIf(!isLittleEndian)('sockctl inspect --proc, of a copy without processes', () => {
  const tables = {
    ...{ tcp: TCP, tcp6: TCP6, udp: UDP, raw: RAW },
    ...{ unix: UNIX, packet: PACKET, netlink: NETLINK },
  }

  async function inspectCopy(...argv: string[]) {
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-copy-'))
    try {
      mkdirSync(join(folder, 'net'))
      for (const [name, text] of Object.entries(tables)) {
        writeFileSync(join(folder, 'net', name), text)
      }
      return await run(['inspect', '--proc', folder, ...argv])
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it.each([
    ['-t', 3],
    ['-u', 1],
    ['-w', 1],
    ['-x', 1],
    ['-0', 1],
    ['--netlink', 1],
    ['-tuwx0', 7],
  ])('reads the tables of %s', async (flag, count) => {
    const { code, stdout } = await inspectCopy(flag, '-aH')
    expect(stdout.trimEnd().split('\n')).toHaveLength(count)
    expect(code).toBe(0)
  })

  it('says that it cannot know who holds a socket', async () => {
    const { stdout, stderr } = await inspectCopy('-tap')
    expect(stdout).not.toContain('no process')
    expect(stderr).toContain('there are no processes in that folder')
    const { code, stderr: why } = await inspectCopy('--pid', '1')
    expect(code).toBe(9)
    expect(why).toContain('cannot tell who holds a socket')
  })

  it('says which table is missing, of those that were asked for', async () => {
    const { code, stderr } = await inspectCopy('-M', '--vsock')
    expect(code).toBe(9)
    expect(stderr).toMatch(/cannot list MPTCP or vsock sockets: .*\/net has no table of them/)
    const some = await inspectCopy('-tMa')
    expect(some.stderr).toContain('/proc/net has no table of MPTCP sockets: there may be some')
  })
})

describe.skipIf(process.platform !== 'linux')('sockctl inspect -, of this machine', () => {
  it('reads what the kernel writes now', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const text = ['tcp', 'tcp6', 'udp', 'udp6', 'unix', 'netlink']
      .map(name => readFileSync(`/proc/net/${name}`, 'utf8'))
      .join('')
    server.close()
    const { code, stdout } = await inspect(text, '-', '-H', `${port}`)
    const row = expect.stringMatching(new RegExp(`^tcp +LISTEN +0 +\\? +127\\.0\\.0\\.1:${port} `))
    expect(stdout.trimEnd().split('\n')).toEqual(expect.arrayContaining([row]))
    expect(code).toBe(0)
  })
})
