import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLsof } from '../../../../src/inspect/sources/darwin/lsof-fields.ts'
import { runCommand } from '../../../../src/inspect/sources/run-command.ts'
import { within } from '../../../support/deadline.ts'
import { hasPeer } from '../../../support/peers.ts'

/** As lsof 4.91 of macOS writes it. */
const TEXT = `p310
cmDNSResponder
f7
tIPv4
PUDP
n*:5353
p501
cAutodesk\\x20Fusion \\xc3\\xa4
fcwd
tDIR
n/
f11
tIPv6
PTCP
n[fe80:4::1c]:49515->[fe80:4::2]:443
f12
tunix
d0x00a5eb5a6e7a1ae8
n->0xa5eb5a6e7a1ae9bd
f13
tIPv4
n*:*
`

describe('parseLsof', () => {
  it('reads what macOS writes', () => {
    const fusion = { pid: 501, name: 'Autodesk Fusion ä' }
    expect(parseLsof(TEXT)).toEqual([
      {
        pid: 310,
        name: 'mDNSResponder',
        fd: 7,
        protocol: 'udp',
        local: { family: 'ipv4', host: '0.0.0.0', port: 5353 },
        remote: undefined,
        device: undefined,
      },
      {
        ...fusion,
        fd: 11,
        protocol: 'tcp',
        local: { family: 'ipv6', host: 'fe80:4::1c', port: 49_515 },
        remote: { family: 'ipv6', host: 'fe80:4::2', port: 443 },
        device: undefined,
      },
      {
        ...fusion,
        fd: 12,
        protocol: 'unix',
        local: undefined,
        remote: undefined,
        device: 'a5eb5a6e7a1ae8',
      },
    ])
  })

  it('reads the form with NULs too', () => {
    expect(parseLsof('p7\0cnc\0\nf3\0tIPv4\0PTCP\0n127.0.0.1:80\0\n')).toMatchObject([
      { pid: 7, name: 'nc', fd: 3, local: { host: '127.0.0.1', port: 80 } },
    ])
  })

  it('reads any text, and any part of one', () => {
    const line = fc.tuple(fc.constantFrom(...'pcftPnd'), fc.string()).map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.array(line), fc.nat(TEXT.length), (lines, at) => {
        for (const socket of parseLsof(TEXT.slice(0, at) + lines.join('\n'))) {
          expect(socket.pid).toBeGreaterThan(0)
          expect(socket.fd).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})

const SCRIPT = `
import json, os, socket, sys
door = socket.socket(socket.AF_INET6); door.bind(('::', 0)); door.listen()
port = door.getsockname()[1]
client = socket.create_connection(('127.0.0.1', port)); accepted, _ = door.accept()
udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 0))
unix = socket.socket(socket.AF_UNIX)
child = os.fork()
if child:
    print(json.dumps({
        'pids': [os.getpid(), child], 'port': port, 'clientPort': client.getsockname()[1],
        'udpPort': udp.getsockname()[1], 'door': door.fileno(), 'client': client.fileno(),
        'accepted': accepted.fileno(), 'udp': udp.fileno(), 'unix': unix.fileno()}), flush=True)
sys.stdin.read()
`

describe.skipIf(!hasPeer('lsof') || !hasPeer('python3'))('the real lsof', () => {
  let child: ChildProcess
  let made: Record<string, number> & { readonly pids: readonly number[] }

  beforeAll(async () => {
    child = spawn('python3', ['-c', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (child.stdout === null) throw new Error('no output')
    const [line] = await within(5000, 'its sockets', once(createInterface(child.stdout), 'line'))
    made = JSON.parse(line)
  })

  afterAll(async () => {
    child.stdin?.end()
    await within(5000, 'its end', once(child, 'close'))
  })

  it.each([[[]], [['0']]])('names every holder of every socket%s', async nul => {
    const fields = `pcftPnd${nul.join('')}`
    const among = ['-a', '-p', made.pids.join(',')]
    const text = await runCommand('/usr/bin/lsof', [
      ...['-nP', '+c', '0', ...among, '-i', '-F', fields],
    ])
    const found = parseLsof(text)
    const mapped = { family: 'ipv4', host: '127.0.0.1', port: made.port }
    const client = { family: 'ipv4', host: '127.0.0.1', port: made.clientPort }
    const udp = { family: 'ipv4', host: '127.0.0.1', port: made.udpPort }
    const any = { family: 'ipv6', host: '::', port: made.port }
    for (const pid of made.pids) {
      const holder = { pid, name: 'python3', device: undefined }
      const expected = [
        { ...holder, fd: made.door, protocol: 'tcp', local: any, remote: undefined },
        { ...holder, fd: made.client, protocol: 'tcp', local: client, remote: mapped },
        { ...holder, fd: made.accepted, protocol: 'tcp', local: mapped, remote: client },
        { ...holder, fd: made.udp, protocol: 'udp', local: udp, remote: undefined },
      ]
      expect(found.filter(one => one.pid === pid)).toEqual(expected)
    }
  })

  it('has a device for each unix socket', async () => {
    const text = await runCommand('/usr/bin/lsof', [
      ...['-nP', '-a', '-p', made.pids.join(','), '-U', '-F', 'pcftPnd'],
    ])
    for (const pid of made.pids) {
      const device = expect.stringMatching(/^[\da-f]+$/)
      expect(parseLsof(text)).toContainEqual(
        expect.objectContaining({ pid, fd: made.unix, protocol: 'unix', device }),
      )
    }
  })
})
