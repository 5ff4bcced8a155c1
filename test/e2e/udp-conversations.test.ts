import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { UdpPeer } from '../support/datagrams.ts'
import { within } from '../support/deadline.ts'
import { hasPeer } from '../support/peers.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'

const running: Sockctl[] = []
const peers: UdpPeer[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
  for (const one of peers.splice(0)) one.close()
})

async function serve(...argv: readonly string[]): Promise<{ server: Sockctl; port: number }> {
  const started = await startServe(argv)
  running.push(started.server)
  return started
}

/** The command with this on its stdin, which then ends. */
function connect(argv: readonly string[], stdin = '') {
  return sockctl(['connect', ...argv], { stdin })
}

/** What another program prints first, with this on its stdin, which stays open. */
async function firstWords([file = '', ...args]: readonly string[], input: string): Promise<string> {
  const child = spawn(file, args)
  try {
    child.stdin.write(input)
    const [said] = await within(8000, file, once(child.stdout, 'data'))
    return String(said)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}

async function peer(): Promise<UdpPeer> {
  const one = await UdpPeer.open()
  peers.push(one)
  return one
}

describe('sockctl serve udp://', () => {
  describe.each([
    ['nc', (port: number) => ['nc', '-u', '127.0.0.1', String(port)]],
    ['ncat', (port: number) => ['ncat', '-u', '::1', String(port)]],
    ['socat', (port: number) => ['socat', '-', `UDP4:127.0.0.1:${port}`]],
  ])('beside %s', (name, command) => {
    it.skipIf(!hasPeer(name))('answers it', async () => {
      const { server, port } = await serve('udp://:0')
      expect(await firstWords(command(port), 'hello\n')).toBe('hello\n')
      await server.says('stderr', /^#1 open {3}(127\.0\.0\.1|\[::1\]):\d+$/m)
    })
  })

  it('says who holds a port that is taken', async () => {
    const { port } = await serve('udp://127.0.0.1:0')
    const { code, stderr } = await sockctl(['serve', `udp://127.0.0.1:${port}`])
    expect(code).toBe(7)
    expect(stderr).toMatch(
      /cannot listen on udp:\/\/127\.0\.0\.1:\d+: address in use.*\n {2}held by node \(pid \d+\)/i,
    )
  })

  it('ends a conversation that is silent, and says so', async () => {
    const { server, port } = await serve('udp://127.0.0.1:0', '--idle', '100ms')
    const one = await peer()
    await one.ask('x', port)
    await server.says('stderr', /^#1 close .* in 1 B {2}out 1 B .* idle for 100/m)
  })
})

describe('sockctl connect -u', () => {
  it('sends what it reads as it is, and prints what comes for a second after', async () => {
    const { port } = await serve('udp://127.0.0.1:0')
    const { code, stdout } = await connect(['-u', '127.0.0.1', String(port)], 'two\nlines')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'two\nlines' })
  })

  it('takes a reply to a request', async () => {
    const { port } = await serve('udp://127.0.0.1:0', '--reply', 'pong')
    const { code, stdout } = await connect([`udp://127.0.0.1:${port}`, '--send', 'ping'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'pong' })
  })

  it('ends with 4 where nobody is, and with 5 where nobody answers', async () => {
    const silent = await peer()
    const gone = await UdpPeer.open()
    const { port } = gone
    gone.close()
    const refused = await connect(['-u', '127.0.0.1', String(port), '--send', 'x'])
    expect(refused).toMatchObject({
      code: 4,
      stderr: `sockctl: udp://127.0.0.1:${port} takes nothing: nobody is there (ECONNREFUSED)\n`,
    })
    const unheard = await connect(['-u', '127.0.0.1', String(silent.port), '-q', '100ms'], 'x')
    expect(unheard.code).toBe(5)
    expect(unheard.stderr).toMatch(/stopped waiting .* sent nothing/)
  })

  it('needs no answer where all it does is send', async () => {
    const log = await peer()
    const sent = connect(['-u', '127.0.0.1', String(log.port), '--send-only'], 'a line\n')
    expect(`${(await log.next()).data}`).toBe('a line\n')
    expect(await sent).toMatchObject({ code: 0, stderr: '' })
  })

  describe.each([
    ['nc', (port: number) => ['nc', '-u', '-l', '127.0.0.1', String(port)]],
    ['ncat', (port: number) => ['ncat', '-u', '-l', '127.0.0.1', String(port)]],
    ['socat', (port: number) => ['socat', '-', `UDP4-LISTEN:${port},bind=127.0.0.1`]],
  ])('beside %s', (name, command) => {
    it.skipIf(!hasPeer(name))('talks to it', async () => {
      const free = await UdpPeer.open()
      const { port } = free
      free.close()
      const [file = '', ...args] = command(port)
      const server = spawn(file, args)
      const heard = once(server.stdout, 'data')
      server.stdin.write('from the server\n')
      try {
        const client = await askUntilThere(port)
        expect(client.stdout).toBe('from the server\n')
        expect(String((await heard)[0])).toBe('hello\n')
      } finally {
        server.kill('SIGKILL')
        await once(server, 'close')
      }
    })
  })
})

/** Again for as long as it is refused, which is: until the other program stands. */
async function askUntilThere(port: number) {
  for (let turn = 0; turn < 100; turn++) {
    const client = await connect(['-u', '127.0.0.1', String(port), '-q', '500ms'], 'hello\n')
    if (client.code !== 4) return client
  }
  throw new Error('it never stood')
}
