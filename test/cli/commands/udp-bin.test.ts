import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { UdpPeer } from '../../support/datagrams.ts'
import { within } from '../../support/deadline.ts'
import { hasPeer } from '../../support/peers.ts'
import { Sockctl, type SpawnOptions, sockctl } from '../../support/sockctl.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
afterAll(() => rmSync(folder, { recursive: true }))

const running: Sockctl[] = []
const peers: UdpPeer[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
  for (const one of peers.splice(0)) one.close()
})

/** Starts `sockctl udp listen` and waits until it listens. */
async function listen(argv: readonly string[], options: SpawnOptions = {}) {
  const listener = new Sockctl(['udp', 'listen', ...argv], options)
  running.push(listener)
  const [, port] = await listener.says('stderr', / on udp:\/\/\S*?:(\d+)(?=,? |\n)/)
  return { listener, port: Number(port) }
}

async function peer(host?: string): Promise<UdpPeer> {
  const one = await UdpPeer.open(host)
  peers.push(one)
  return one
}

/** A port that nothing is bound to. */
async function freePort(): Promise<number> {
  const one = await UdpPeer.open()
  const { port } = one
  one.close()
  return port
}

/** What another program says first when this is on its stdin, which stays open. */
async function firstWords(command: readonly string[], input: string): Promise<string> {
  const [file = '', ...args] = command
  const child = spawn(file, args)
  try {
    child.stdin.write(input)
    const [said] = await within(5000, command.join(' '), once(child.stdout, 'data'))
    return String(said)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}

/** Asks again as long as the other side is refused, which is: until its program has started. */
async function askWhenThere(argv: readonly string[], stdin = '') {
  for (let tries = 0; ; tries++) {
    const outcome = await sockctl(['udp', 'send', ...argv], { stdin })
    if (outcome.code !== 4 || tries === 20) return outcome
  }
}

describe('sockctl udp', () => {
  it('carries datagrams of any size from one pipe to another', async () => {
    const sizes = [1, 1472, 9000, 65_507]
    const payloads = sizes.map(size => 'abcdefghij'.repeat(size / 10 + 1).slice(0, size))
    const { listener, port } = await listen(['--accepts', '4'])
    for (const stdin of payloads) {
      expect(
        await sockctl(['udp', 'send', `127.0.0.1:${port}`, '-w', '0'], { stdin }),
      ).toMatchObject({
        code: 0,
      })
    }
    const { code, stdout } = await listener.outcome()
    expect(code).toBe(0)
    expect(stdout === payloads.join('')).toBe(true)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('stops on %s with exit code %d, and has written what came', async (signal, code) => {
    const { listener, port } = await listen([':0'])
    await (await peer()).send('the last words', port)
    listener.child.kill(signal)
    expect(await listener.outcome()).toMatchObject({ code, stdout: 'the last words' })
    expect(listener.stderr).toMatch(/stopped: 1 datagram, 14 B\n$/)
  })

  it('ends with exit code 0 when its reader leaves', async () => {
    const through = ['bash', '-c', `"$@" | head -c 3; echo " \${PIPESTATUS[0]}"`, '-']
    const { listener, port } = await listen([':0'], { through })
    const client = await peer()
    await client.send('abc', port)
    await listener.says('stdout', /abc/)
    // The first write after the reader has gone fails.
    for (let id = 2; !/abc \d/.test(listener.stdout) && id < 100; id++) {
      await client.send('more', port)
      await listener.says('stderr', new RegExp(`#${id} |stopped`))
    }
    expect((await listener.outcome()).stdout).toBe('abc 0\n')
  })

  it('tells its port by a descriptor', async () => {
    const through = ['bash', '-c', 'exec "$@" 3>&1', '-']
    const { listener, port } = await listen([':0', '--ready-fd', '3', '--discard'], { through })
    expect(await listener.says('stdout', /\n/)).toBeTruthy()
    expect(listener.stdout).toBe(`${port}\n`)
  })

  it('sends a file line by line, and hears every reply', async () => {
    const file = join(folder, 'lines')
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`)
    writeFileSync(file, lines.map(line => `${line}\n`).join(''))
    const { port } = await listen(['--echo', '-4'])
    const argv = ['udp', 'send', `127.0.0.1:${port}`, '--send-file', file, '--lines']
    const { code, stdout } = await sockctl(argv)
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toEqual(lines)
  })

  describe('beside other programs', () => {
    it.skipIf(!hasPeer('nc.openbsd')).each(['127.0.0.1', '::1'])(
      'echoes to nc at %s',
      async host => {
        const { port } = await listen(['--echo'])
        expect(await firstWords(['nc.openbsd', '-u', host, `${port}`], 'hi nc\n')).toBe('hi nc\n')
      },
    )

    it.skipIf(!hasPeer('ncat')).each(['127.0.0.1', '::1'])('echoes to ncat at %s', async host => {
      const { port } = await listen(['--echo'])
      expect(await firstWords(['ncat', '-u', host, `${port}`], 'hi ncat\n')).toBe('hi ncat\n')
    })

    it.skipIf(!hasPeer('socat')).each(['127.0.0.1', '[::1]'])(
      'echoes to socat at %s',
      async host => {
        const { port } = await listen(['--echo'])
        expect(await firstWords(['socat', '-', `UDP:${host}:${port}`], 'hi socat\n')).toBe(
          'hi socat\n',
        )
      },
    )

    it.skipIf(!hasPeer('nc.openbsd'))('talks to nc -l', async () => {
      const port = await freePort()
      const nc = spawn('nc.openbsd', ['-u', '-l', '127.0.0.1', `${port}`])
      try {
        nc.stdin.write('answer of nc\n')
        const said = once(nc.stdout, 'data')
        const { code, stdout } = await askWhenThere([`127.0.0.1:${port}`, 'question\\n'])
        expect({ code, stdout }).toEqual({ code: 0, stdout: 'answer of nc\n' })
        expect(String(await within(5000, 'nc', said))).toBe('question\n')
      } finally {
        nc.kill('SIGKILL')
        await once(nc, 'close')
      }
    })

    it.skipIf(!hasPeer('ncat'))('talks to ncat -l', async () => {
      const port = await freePort()
      const ncat = spawn('ncat', ['-u', '-l', '127.0.0.1', `${port}`, '-e', '/bin/cat'])
      try {
        const { code, stdout } = await askWhenThere([`127.0.0.1:${port}`], 'hello cat')
        expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello cat' })
      } finally {
        ncat.kill('SIGKILL')
        await once(ncat, 'close')
      }
    })

    it.skipIf(!hasPeer('socat'))('talks to socat', async () => {
      const port = await freePort()
      const socat = spawn('socat', [`UDP-RECVFROM:${port},bind=127.0.0.1,fork`, 'EXEC:cat'])
      try {
        for (const text of ['one', 'two']) {
          const { code, stdout } = await askWhenThere([`127.0.0.1:${port}`, text])
          expect({ code, stdout }).toEqual({ code: 0, stdout: text })
        }
      } finally {
        socat.kill('SIGTERM')
        await once(socat, 'close')
      }
    })
  })

  describe('in groups', async () => {
    const hasLoopbackGroups = await canUseGroupsOnLoopback()

    it.skipIf(!hasLoopbackGroups)(
      'joins an IPv4 group on the loopback, beside others',
      async () => {
        const first = await listen(['239.255.77.7:0', '--interface', '127.0.0.1'])
        const second = await listen([`239.255.77.7:${first.port}`, '--interface', '127.0.0.1'])
        expect(first.listener.stderr).toMatch(/\njoined 239\.255\.77\.7 on \S+ \(127\.0\.0\.1\)\n$/)
        const argv = [`239.255.77.7:${first.port}`, 'to all', '--interface', '127.0.0.1', '-w', '0']
        const { code, stderr } = await sockctl(['udp', 'send', ...argv])
        expect(code).toBe(0)
        expect(stderr).toContain(' from 127.0.0.1:')
        for (const { listener } of [first, second]) {
          await listener.says('stderr', /#1 127\.0\.0\.1:\d+ {2}6 B {2}to all\n/)
          expect(listener.stdout).toBe('to all')
        }
      },
    )

    it.skipIf(!hasLoopbackGroups)('hears all who answer, each from its own address', async () => {
      const answering = ['--interface', '127.0.0.1', '--reply', 'here']
      const first = await listen(['239.255.77.8:0', ...answering])
      await listen([`239.255.77.8:${first.port}`, ...answering])
      const argv = [
        '-q',
        '--lines',
        '--expect-replies',
        '2',
        '--interface',
        '127.0.0.1',
        '-w',
        '5s',
      ]
      const outcome = await sockctl(['udp', 'send', `239.255.77.8:${first.port}`, '?', ...argv])
      expect(outcome).toEqual({ code: 0, stdout: 'here\nhere\n', stderr: '' })
    })

    it.skipIf(!canMakeNetworks())('joins IPv6 groups, of the link and of the site', async () => {
      const script = join(folder, 'groups.sh')
      writeFileSync(script, GROUPS_SCRIPT)
      const { code, stdout, stderr } = await runInNewNetwork(script, folder)
      expect(stderr).toBe('')
      expect(stdout.trimEnd().split('\n')).toEqual([
        'ff02::4242 heard: over the link',
        'ff05::4242 heard: over the site',
      ])
      expect(code).toBe(0)
    })
  })
})

/** Whether the loopback carries IPv4 groups here. */
async function canUseGroupsOnLoopback(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    socket.bind(0, '0.0.0.0')
    await once(socket, 'listening')
    socket.addMembership('239.255.77.9', '127.0.0.1')
    socket.setMulticastInterface('127.0.0.1')
    const heard = within(500, 'a group on the loopback', once(socket, 'message'))
    socket.send('x', socket.address().port, '239.255.77.9')
    await heard
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

/** Whether this user may make network namespaces, which have interfaces of their own. */
function canMakeNetworks(): boolean {
  if (process.platform !== 'linux' || !hasPeer('unshare') || !hasPeer('ip')) return false
  const made = 'ip link set lo up && ip link add v0 type veth peer name v1'
  return spawnSync('unshare', ['-n', 'sh', '-c', made]).status === 0
}

/** Two interfaces that are wired to each other, where nobody else can hear. */
const GROUPS_SCRIPT = `
set -e
node=$1 bin=$2 folder=$3
ip link set lo up
ip link add v0 type veth peer name v1
for one in v0 v1; do
  echo 0 > /proc/sys/net/ipv6/conf/$one/accept_dad
  ip link set $one up
done
mkfifo "$folder/ready"
for group in ff02::4242=link ff05::4242=site; do
  host=\${group%=*}
  "$node" "$bin" udp listen "[$host]:0" --interface v0 --once -q --ready-fd 3 \\
    3> "$folder/ready" > "$folder/heard" &
  read -r port < "$folder/ready"
  "$node" "$bin" udp send "[$host]:$port" "over the \${group#*=}" --interface v1 -q -w 0
  wait $!
  echo "$host heard: $(cat "$folder/heard")"
done
`

async function runInNewNetwork(script: string, scratch: string) {
  const child = spawn('unshare', ['-n', 'sh', script, process.execPath, 'bin/sockctl.js', scratch])
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    out.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    out.stderr += chunk
  })
  const [code] = await within(15_000, 'the script in its own network', once(child, 'close'))
  return { code, ...out }
}
