import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../../src/errors.ts'
import { ALL_STATES } from '../../../../src/inspect/select/states.ts'
import { listDarwinSockets } from '../../../../src/inspect/sources/darwin/darwin-sockets.ts'
import { type RunCommand, runCommand } from '../../../../src/inspect/sources/run-command.ts'
import type { Protocol, Wanted } from '../../../../src/inspect/types.ts'
import { DARWIN_NETSTAT, darwinRow, HEADING_26 } from '../../../support/darwin-text.ts'
import { hasPeer } from '../../../support/peers.ts'

const wanted = (...protocols: Protocol[]): Wanted => ({
  protocols: new Set(protocols),
  families: new Set(['ipv4', 'ipv6', 'unix']),
  states: new Set(ALL_STATES),
})

/** Answers with recorded text: `netstat -Lan` and so on; what is not there fails. */
function recorded(texts: Readonly<Record<string, string>>): RunCommand {
  return async (file, args) => {
    const line = [file.replace(/^.*\//, ''), ...args].join(' ')
    const text = Object.entries(texts).find(([command]) => line.startsWith(command))?.[1]
    if (text === undefined) throw new SockctlError('ERR_UNSUPPORTED', `there is no ${file}`)
    return text
  }
}

const UNIX = `Active LOCAL (UNIX) domain sockets
Address          Type   Recv-Q Send-Q            Inode             Conn             Refs          Nextref Addr
00000000000000a1 stream      0      0                9                0                0                0 /tmp/s
00000000000000b2 stream      0      0                0               c3                0                0 /tmp/s
00000000000000c3 stream      4      0                0               b2                0                0
00000000000000d4 dgram       0      0                9                0                0                0 /tmp/d
`

describe('listDarwinSockets', () => {
  it('brings netstat, its accept queues, lsof and ps together', async () => {
    const run = recorded({
      'netstat -anvl -p tcp': DARWIN_NETSTAT[15],
      'netstat -anvl -p udp': `${HEADING_26}\n${darwinRow('udp4 0 0 *.53 *.*', 'dns:77')}\n`,
      'netstat -Lan': 'tcp46 2/0/128  *.22\n',
      'lsof ': 'p1\nclaunchd\nf8\ntIPv6\nPTCP\nn*:22\n',
      'ps ': '    1 /sbin/launchd\n 2903 /usr/bin/curl\n',
    })
    const { records, warnings } = await listDarwinSockets(wanted('tcp', 'udp'), run)
    expect(records).toMatchObject([
      { state: 'established', sendQueue: 126, owners: [{ pid: 2903, name: 'curl' }] },
      {
        state: 'listen',
        receiveQueue: 2,
        sendQueue: 128,
        owners: [{ pid: 1, fd: 8, name: 'launchd' }],
      },
      { protocol: 'udp', state: 'unconnected', owners: [{ pid: 77, fd: undefined, name: 'dns' }] },
    ])
    expect(warnings.map(({ code }) => code)).toEqual(['source-limited'])
  })

  it('knows unix sockets, which of them listen, their other ends and holders', async () => {
    const run = recorded({
      'netstat -anf unix': UNIX,
      'netstat -Lan': 'unix  1/0/511  /tmp/s\n',
      'lsof ': 'p7\ncnode\nf3\ntunix\nd0xa1\nf5\ntunix\nd0xb2\n',
    })
    const { records } = await listDarwinSockets(wanted('unix'), run)
    const node = { pid: 7, name: 'node' }
    expect(records).toMatchObject([
      { state: 'listen', receiveQueue: 1, sendQueue: 511, owners: [{ ...node, fd: 3 }] },
      { state: 'established', remote: { path: '' }, owners: [{ ...node, fd: 5 }] },
      { state: 'established', receiveQueue: 4, remote: { path: '/tmp/s' }, owners: [] },
      { state: 'unconnected', unix: { type: 'datagram' }, local: { path: '/tmp/d' } },
    ])
  })

  it('says what it goes without', async () => {
    const run = recorded({ 'netstat -anvl -p tcp': DARWIN_NETSTAT[11], 'netstat -anf unix': '?' })
    const { records, warnings } = await listDarwinSockets(wanted('tcp', 'unix'), run)
    expect(records).toMatchObject([
      { owners: [{ pid: 2903, name: '?' }] },
      { state: 'listen', receiveQueue: undefined, sendQueue: undefined },
    ])
    expect(warnings.slice(1).map(({ message }) => message)).toEqual([
      'unix sockets are left out: this netstat shows them in a way that is not known',
      'there is no /usr/sbin/lsof; descriptors are left out',
      'there is no /usr/sbin/netstat; accept queues are left out',
      'there is no /bin/ps; names of processes are left out',
    ])
  })

  it('takes a protocol without a line for one without sockets, when the other has some', async () => {
    const texts = { 'netstat -anvl -p udp': '\n', 'netstat -Lan': '', 'lsof ': '', 'ps ': '' }
    const run = recorded({ ...texts, 'netstat -anvl -p tcp': DARWIN_NETSTAT[26] })
    expect((await listDarwinSockets(wanted('tcp', 'udp'), run)).records).toHaveLength(2)
    await expect(listDarwinSockets(wanted('udp'), run)).rejects.toThrow(
      '/usr/sbin/netstat -anvl -p udp has no heading that is known',
    )
  })

  it('counts the lines that it does not understand', async () => {
    const text = `${DARWIN_NETSTAT[26]}tcp4 cut\n`
    const run = recorded({ 'netstat -anvl': text, 'netstat -Lan': '', 'lsof ': '', 'ps ': '' })
    const { warnings } = await listDarwinSockets(wanted('tcp'), run)
    expect(warnings).toContainEqual({
      code: 'incomplete',
      message: 'a line of netstat was not understood and left out',
    })
  })

  it.each<[string, Protocol, Readonly<Record<string, string>>]>([
    ['is not there', 'tcp', {}],
    ['writes something else', 'tcp', { 'netstat -anvl': '' }],
    ['shows unix sockets in another way', 'unix', { 'netstat -anf unix': '' }],
  ])('fails when netstat %s: that is not "nothing"', async (_, protocol, texts) => {
    await expect(listDarwinSockets(wanted(protocol), recorded(texts))).rejects.toThrow(SockctlError)
  })

  it.skipIf(!hasPeer('lsof'))(
    'finds the descriptors of this process by the real lsof',
    async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const udp = createSocket('udp4').bind(0, '127.0.0.1')
      await once(udp, 'listening')
      try {
        const tcpEnd = `127.0.0.1.${(server.address() as AddressInfo).port}`
        const texts = recorded({
          'netstat -anvl -p tcp': `${HEADING_26}\n${darwinRow(`tcp4 0 0 ${tcpEnd} *.* LISTEN`, 'x:1')}`,
          'netstat -anvl -p udp': `${HEADING_26}\n${darwinRow(`udp4 0 0 127.0.0.1.${udp.address().port} *.*`, 'x:1')}`,
          'netstat -Lan': '',
        })
        const run: RunCommand = (file, args, options) =>
          file.endsWith('/lsof') ? runCommand('/usr/bin/lsof', args, options) : texts(file, args)
        const { records } = await listDarwinSockets(wanted('tcp', 'udp'), run)
        for (const { owners } of records) {
          const mine = owners?.find(({ pid }) => pid === process.pid)
          expect(mine?.fd).toBeGreaterThan(2)
          expect(owners).toContainEqual({ pid: 1, fd: undefined, name: 'x' })
        }
        expect(records).toHaveLength(2)
      } finally {
        server.close()
        udp.close()
      }
    },
  )
})
