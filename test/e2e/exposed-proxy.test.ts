import { afterEach, describe, expect, it } from 'vitest'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()

const LOGIN = { env: { LOGIN: 'me:secret' } }
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

async function serve(...argv: readonly string[]) {
  const started = await startServe([...argv, '--proxy-auth', 'env:LOGIN'], LOGIN)
  running.push(started.server)
  return started
}

/** A server that greets and ends. */
async function greeting(): Promise<number> {
  return (await tcpServer(socket => socket.resume().end('hello\n'))).port
}

const KINDS = [
  ['--socks-proxy', 'socks5h', /not allowed by its rules \(SOCKS reply 2\)/],
  ['--http-proxy', 'http', /403 Forbidden/],
] as const

describe.each(KINDS)('serve %s, for others', (handler, scheme, refusal) => {
  const ask = (port: number, target: string) =>
    sockctl(['connect', '-x', `${scheme}://env:LOGIN@127.0.0.1:${port}`, target, '-d'], LOGIN)

  it.each([
    [['--public', ':0']],
    [['tcp://0.0.0.0:0']],
    [['--public', ':0', '--proxy-to', '0.0.0.0/0', '--proxy-to', '*.localhost']],
  ])('with %j does not lead to this machine', async argv => {
    const target = await greeting()
    const { server, port } = await serve(handler, ...argv)
    // Names that are none, and other ways to write a loopback.
    for (const host of ['127.0.0.1', 'localhost', '127.1', '[::ffff:7f00:1]', '0.0.0.0']) {
      const outcome = await ask(port, `${host}:${target}`)
      expect(outcome).toMatchObject({ code: 6, stdout: '' })
      expect(outcome.stderr).toMatch(refusal)
    }
    expect((await ask(port, '169.254.169.254:80')).stderr).toMatch(refusal)
    for (const host of ['127.0.0.1', 'localhost', '127.1']) {
      expect(server.stderr).toContain(`tcp://${host}:${target} is on this machine or its link`)
    }
  })

  it('says so where it starts', async () => {
    const { server } = await serve(handler, '--public', ':0')
    await server.says('stderr', /proxy, but to nothing on this machine, on tcp:/)
  })

  it('leads where --proxy-to says, and nowhere else on it', async () => {
    const [one, other] = [await greeting(), await greeting()]
    const { port } = await serve(handler, '--public', ':0', '--proxy-to', `127.0.0.1:${one}`)
    expect(await ask(port, `127.0.0.1:${one}`)).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(await ask(port, `localhost:${one}`)).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect((await ask(port, `127.0.0.1:${other}`)).code).toBe(6)
  })

  it('leads to this machine for those who are on it', async () => {
    const { port } = await serve(handler, 'tcp://localhost:0')
    expect(await ask(port, `localhost:${await greeting()}`)).toMatchObject({ stdout: 'hello\n' })
  })
})
