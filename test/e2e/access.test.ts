import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { within } from '../support/deadline.ts'
import { inSeconds, makeJwt, rsaKeys } from '../support/jwt.ts'
import { hasPeer } from '../support/peers.ts'
import {
  type Sockctl,
  type SpawnOptions,
  sockctl,
  startJsonServe,
  startServe,
} from '../support/sockctl.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-access-'))
const running: Sockctl[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})
afterAll(() => rmSync(folder, { recursive: true }))

const TOKEN = 'Zk3vQ9xTr7'
const SECRET = 'Wn5bHc2yUd, a secret of more than 32 bytes'
const env = { DOOR: `alice:${TOKEN}`, TOKEN, SECRET }

async function serve(argv: readonly string[], options: SpawnOptions = { env }) {
  const started = await startServe(argv, options)
  running.push(started.server)
  return started
}

/** Says something, and tells what came back and how `connect` saw it. */
const ask = (port: number, text: string, ...argv: readonly string[]) =>
  sockctl(['connect', `127.0.0.1:${port}`, ...argv], { env, stdin: text })

function open(port: number, host = '127.0.0.1'): Socket {
  const socket = connect({ port, host })
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}

const left = (socket: Socket): Promise<unknown> =>
  within(5000, 'being cut off', new Promise(resolve => socket.once('close', resolve)))

describe('serve --token', () => {
  it('lets in who shows it, and says who it was', async () => {
    const { server, port } = await serve(['--token', 'env:DOOR'])
    expect(await ask(port, 'hi', '--token', 'env:TOKEN')).toMatchObject({ code: 0, stdout: 'hi' })
    await server.says('stderr', /#1 open {3}127\.0\.0\.1:\d+ {2}user alice\n/)
  })

  it('turns away who shows another, or none', async () => {
    const { server, port } = await serve(['--token', 'env:DOOR'])
    const wrong = await ask(port, 'hi', '--token', 'guess')
    expect(wrong).toMatchObject({ code: 4, stdout: '' })
    expect(wrong.stderr).toContain('It may not have taken the token.')
    await server.says('stderr', /refused 127\.0\.0\.1:\d+: wrong token\n/)
    const none = await ask(port, 'hi')
    expect(none).toMatchObject({ code: 4, stdout: '' })
  })

  it.skipIf(!hasPeer('nc.openbsd'))('takes it from nc', async () => {
    const { server, port } = await serve(['--token', 'env:DOOR'])
    const text = `printf 'Bearer %s\\nhello\\n' "$TOKEN" | nc.openbsd -N 127.0.0.1 ${port}`
    const options = { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 10_000 } as const
    expect(execFileSync('sh', ['-c', text], options)).toBe('hello\n')
    await server.says('stderr', /user alice/)
  })

  it('tells commands who it is, but not the secret', async () => {
    const { port } = await serve(['--token', 'env:DOOR', '--exec', 'env'])
    const { stdout } = await ask(port, '', '--token', 'env:TOKEN')
    expect(stdout).toContain('SOCKCTL_USER=alice\n')
    expect(stdout).not.toContain('DOOR=')
  })

  it('ends who says nothing once it is in', async () => {
    const { server, port } = await serve(['--token', 'env:DOOR', '--first-byte', '100ms'])
    const socket = open(port)
    socket.write(`${TOKEN}\n`)
    socket.resume()
    await left(socket)
    await server.says('stderr', /said nothing for/)
  })

  it('ends who takes too long to show it', async () => {
    const { server, port } = await serve(['--token', 'env:DOOR', '--auth-timeout', '100ms'])
    await left(open(port).resume())
    await server.says('stderr', /refused 127\.0\.0\.1:\d+: no credential in 100 ms\n/)
  })

  it('lets an honest client in while a thousand others never say a word', async () => {
    const { server, port } = await serve(['--token', 'env:DOOR', '--auth-timeout', '1m'])
    const crowd = Array.from({ length: 1000 }, () => open(port))
    await within(15_000, 'the crowd', Promise.all(crowd.map(one => once(one, 'connect'))))
    const times: number[] = []
    for (let i = 0; i < 20; i++) {
      const startedAt = performance.now()
      const socket = open(port)
      socket.write(`${TOKEN}\nhello`)
      expect(`${(await within(5000, 'the echo', once(socket, 'data')))[0]}`).toBe('hello')
      times.push(performance.now() - startedAt)
    }
    times.sort((a, b) => a - b)
    // Alone it takes 1 ms.
    expect(times[times.length / 2]).toBeLessThan(100)
    expect(server.stderr).not.toContain('refused')
  })
})

describe('serve --jwt-secret and --jwks', () => {
  it('lets in by a secret who is signed in, and says who that is', async () => {
    const { server, port } = await serve(['--jwt-secret', 'env:SECRET', '--jwt-audience', 'door'])
    const jwt = makeJwt(SECRET, { sub: 'bob', aud: 'door' })
    expect(await ask(port, 'hi', '--token', jwt)).toMatchObject({ code: 0, stdout: 'hi' })
    await server.says('stderr', /user bob/)
    const expired = makeJwt(SECRET, { aud: 'door', exp: inSeconds(-60) })
    expect((await ask(port, 'hi', '--token', expired)).code).toBe(4)
    await server.says('stderr', /refused \S+: an expired JWT\n/)
  })

  it('lets in by keys that are fetched when somebody comes', async () => {
    const keys = rsaKeys('k')
    const issuer = createServer((_, response) => response.end(JSON.stringify({ keys: [keys.jwk] })))
    await once(issuer.listen(0, '127.0.0.1'), 'listening')
    try {
      const { port: issuerPort } = issuer.address() as AddressInfo
      const { server, port } = await serve(['--jwks', `http://127.0.0.1:${issuerPort}/`])
      const jwt = makeJwt(keys, { sub: 'carol' })
      expect(await ask(port, 'hi', '--token', jwt)).toMatchObject({ code: 0, stdout: 'hi' })
      await server.says('stderr', /user carol/)
      const stranger = makeJwt(rsaKeys('k'), { sub: 'carol' })
      expect((await ask(port, 'hi', '--token', stranger)).code).toBe(4)
      await server.says('stderr', /refused \S+: a JWT with a wrong signature\n/)
    } finally {
      issuer.close().closeAllConnections()
    }
  })
})

describe('serve --allow-file', () => {
  it('is read again on SIGHUP, and leaves alone who is in', async () => {
    const file = join(folder, 'allow')
    writeFileSync(file, '127.0.0.1\n')
    const { server, port } = await serve(['--allow-file', file])
    const inside = open(port)
    await server.says('stderr', /#1 open/)
    writeFileSync(file, '# nobody\n')
    server.child.kill('SIGHUP')
    await server.says('stderr', /read again who may come in\n/)
    await left(open(port).resume())
    await server.says('stderr', /at once: not allowed in\n/)
    inside.write('still here')
    expect(`${(await once(inside, 'data'))[0]}`).toBe('still here')
    writeFileSync(file, '127.0.0.1\n::1\n127.0.0.300\n')
    server.child.kill('SIGHUP')
    await server.says('stderr', /allow, line 3: .*; what held until now still holds\n/)
    server.child.kill('SIGTERM')
    expect((await server.outcome()).code).toBe(143)
  })

  it('ends those who may no longer be in with --recheck', async () => {
    const file = join(folder, 'deny')
    writeFileSync(file, '')
    const { server, port } = await serve(['--deny-file', file, '--recheck'])
    const [v4, v6] = [open(port), open(port, '::1')]
    await server.says('stderr', /#2 open/)
    writeFileSync(file, '::1\n')
    server.child.kill('SIGHUP')
    await left(v6.resume())
    await server.says('stderr', /no longer allowed in\n/)
    v4.write('still here')
    expect(`${(await once(v4, 'data'))[0]}`).toBe('still here')
  })
})

describe('serve --max-conns-per-ip and --rate-conns', () => {
  it('closes one more than that from the same address', async () => {
    const { server, port } = await serve(['--max-conns-per-ip', '2'])
    const [first] = [open(port), open(port)]
    await server.says('stderr', /#2 open/)
    await left(open(port).resume())
    await server.says('stderr', /at once: too many connections from there\n/)
    open(port, '::1')
    await server.says('stderr', /#3 open/)
    first?.destroy()
    await server.says('stderr', /#\d close/)
    open(port)
    await server.says('stderr', /#4 open/)
  })

  it('closes those that come too fast', async () => {
    const { server, port } = await serve(['--rate-conns', '2/h'])
    open(port)
    open(port)
    await server.says('stderr', /#2 open/)
    await left(open(port).resume())
    await server.says('stderr', /at once: too many connections from there in a short time\n/)
  })
})

describe('a secret', () => {
  const file = join(folder, 'secret')

  it('is in nothing that is said or can be seen', async () => {
    writeFileSync(file, `bob:${TOKEN}\n`)
    chmodSync(file, 0o600)
    const access = ['--token', `file:${file}`, '--jwt-secret', 'env:SECRET']
    for (const { server, port } of [
      await serve(access),
      await serve([...access, '--hex']),
      await serveJson(access),
    ]) {
      for (const verbose of [['-v', '--hex', '--stats'], ['--quiet']]) {
        const jwt = makeJwt(SECRET, { sub: 'x' })
        for (const shown of ['env:TOKEN', `file:${file}`]) {
          const outcome = await ask(port, 'hi', '--token', shown, ...verbose)
          expect(outcome).toMatchObject({ code: 0, stdout: 'hi' })
          expect(outcome.stderr).not.toContain(TOKEN)
        }
        expect((await ask(port, 'hi', '--token', jwt, ...verbose)).stderr).not.toContain(jwt)
        expect((await ask(port, 'hi', '--token', `${TOKEN}x`, ...verbose)).stderr).not.toContain(
          TOKEN,
        )
      }
      const { pid } = server.child
      const seen = process.platform === 'linux' ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
      server.child.kill('SIGTERM')
      const { stdout, stderr } = await server.outcome()
      for (const secret of [TOKEN, SECRET]) {
        expect(`${stdout}${stderr}${seen}`).not.toContain(secret)
      }
    }
  })

  it('is not repeated by an error', async () => {
    for (const argv of [
      ['serve', '--token', TOKEN, '--port', '99999'],
      ['serve', '--jwt-secret', TOKEN, '--exec', '/nowhere/none'],
      ['serve', '--token', TOKEN, '--recheck'],
      ['connect', '127.0.0.1:1', '--token', TOKEN],
      ['connect', '--token', TOKEN],
      ['connect', '-z', '127.0.0.1:1', '--token', TOKEN],
    ]) {
      const { code, stdout, stderr } = await sockctl(argv)
      expect(code).not.toBe(0)
      expect(stdout + stderr).not.toContain(TOKEN)
    }
  })
})

async function serveJson(argv: readonly string[]) {
  const started = await startJsonServe(argv, { env })
  running.push(started.server)
  return started
}
