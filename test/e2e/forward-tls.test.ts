import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { startTlsServe, type TlsServe } from '../support/tls-serve.ts'

const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

async function targetOn(endpoint: string): Promise<TlsServe> {
  const started = await startTlsServe([endpoint])
  running.push(started.server)
  return started
}

async function forward(...argv: readonly string[]) {
  const started = await startServe(['tcp://127.0.0.1:0', '--forward', ...argv])
  running.push(started.server)
  return started
}

const say = (port: number) =>
  sockctl(['connect', `127.0.0.1:${port}`, '--send', 'hi\\n', '--lines', '1'])

describe('serve --forward tls://', () => {
  let target: TlsServe
  let url: string
  beforeEach(async () => {
    target = await targetOn('tcp://127.0.0.1:0')
    url = `tls://127.0.0.1:${target.port}`
  })

  it('trusts the CA of --forward-ca, for targets and for --health', async () => {
    const { server, port } = await forward(url, '--forward-ca', target.ca, '--health', '100ms')
    // Asked, and not left out.
    await target.server.says('stderr', /#1 open .*tls 1\.3/)
    expect(await say(port)).toMatchObject({ code: 0, stdout: 'hi\n' })
    expect(server.stderr).not.toMatch(/verified|trust|left out/)
  })

  it('names its own options where it does not trust one', async () => {
    const { server, port } = await forward(url, '--health', '1h')
    await server.says('stderr', /cannot trust tls:\S+: .*: left out until it answers\n/)
    expect((await say(port)).code).toBe(4)
    await server.says('stderr', /#1 close .*cannot trust tls:\S+: /)
    const advice = server.stderr.match(/ {2}If it is your own CA, trust it: --forward-ca <file/g)
    expect(advice).toHaveLength(1)
    expect(server.stderr).toContain('  To connect all the same: --forward-insecure\n')
    expect(server.stderr).not.toMatch(/ --(ca|insecure|show-cert)/)
  })

  it('goes on with --forward-insecure, and says so', async () => {
    const { server, port } = await forward(url, '--forward-insecure', '--health', '50ms')
    await target.server.says('stderr', /#3 open/)
    expect(await say(port)).toMatchObject({ code: 0, stdout: 'hi\n' })
    const said = server.stderr.match(/not verified \(--forward-insecure\): cannot trust tls:\S+/g)
    expect(said).toHaveLength(1)
  })

  it('does not take the CA of its proxy for that of its targets', async () => {
    const argv = ['serve', ':0', '--forward', url, '--proxy-ca', target.ca, '--for', '1ms']
    expect((await sockctl(argv)).code).toBe(2)
  })
})

it.each(['wss', 'socketios'])('serve --forward %s:// trusts it too', async scheme => {
  const target = await targetOn(`${scheme}://127.0.0.1:0`)
  const { port } = await forward(`${scheme}://127.0.0.1:${target.port}`, '--forward-ca', target.ca)
  expect(await say(port)).toMatchObject({ code: 0, stdout: 'hi\n' })
})

it.each([
  [['--forward-insecure']],
  [['--forward', 'localhost:1', '--forward-insecure']],
  [['--forward', 'ws://localhost:1', '--forward-ca', '/nowhere']],
])('serve %j says what it goes with', async argv => {
  const { code, stderr } = await sockctl(['serve', ':0', ...argv])
  expect(code).toBe(2)
  expect(stderr).toMatch(/--forward-(ca|insecure) goes with --forward tls:/)
})
