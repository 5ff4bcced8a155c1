import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { killPeersAfterEach } from '../support/peer-process.ts'
import { hasPeer } from '../support/peers.ts'
import { canRunPostgres, startPostgres } from '../support/postgres.ts'
import { endSessionsAfterEach, newFolder } from '../support/serve-session.ts'
import { type Sockctl, startServe } from '../support/sockctl.ts'
import { startTlsServe } from '../support/tls-serve.ts'

const running: Sockctl[] = []
// What is set up first is ended last: psql's server goes after those who lead to it.
endSessionsAfterEach()
killPeersAfterEach()
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

const run = promisify(execFile)

async function forward(...to: readonly string[]): Promise<number> {
  const { server, port } = await startServe(['tcp://127.0.0.1:0', '--forward', ...to])
  running.push(server)
  return port
}

/** Goes both ways: 2 MB there, and their length and as many back. */
async function ask(port: number): Promise<void> {
  const where = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'alice', '-d', 'postgres']
  const psql = (...argv: string[]) =>
    run('psql', ['-X', '-q', '-t', '-A', ...where, ...argv], { maxBuffer: 10_000_000 })
  expect((await psql('-c', "select 'it is ' || 6 * 7")).stdout).toBe('it is 42\n')
  const { stdout } = await psql('-c', "select repeat('x', 2000000)")
  expect(stdout.length).toBe(2_000_001)
  await expect(psql('-c', 'select nothing from nowhere')).rejects.toThrow(/nowhere/)
}

describe.skipIf(!canRunPostgres() || !hasPeer('psql'))('psql through serve --forward', () => {
  it('talks to PostgreSQL over TCP, its unix socket and TLS', async () => {
    const { port, path } = await startPostgres(newFolder())
    const plain = await forward(`127.0.0.1:${port}`)
    await ask(plain)
    await ask(await forward(`unix:${path}`))
    // psql speaks no TLS from the first byte on: one forwarder takes it off that another puts on.
    const {
      server,
      port: secure,
      ca,
    } = await startTlsServe(['tcp://127.0.0.1:0', '--forward', `unix:${path}`])
    running.push(server)
    await ask(await forward(`tls://127.0.0.1:${secure}`, '--forward-ca', ca))
    await server.says('stderr', /open .*tls 1\.3/)
  }, 60_000)
})
