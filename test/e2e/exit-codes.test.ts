import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exit-code.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})
afterAll(() => rmSync(folder, { recursive: true }))

async function serve(...argv: string[]): Promise<{ server: Sockctl; port: number }> {
  const started = await startServe(argv)
  running.push(started.server)
  return started
}

describe('the exit codes of the built command', () => {
  it('ok: did what was asked', async () => {
    expect((await sockctl(['serve', '--for', '1ms'])).code).toBe(EXIT_CODES.ok.code)
  })

  it('no: the answer is no', async () => {
    const { port } = await serve('--reply', 'ready\\n')
    const argv = ['connect', `127.0.0.1:${port}`, '--expect', 'steady']
    expect((await sockctl(argv)).code).toBe(EXIT_CODES.no.code)
  })

  it('usage: cannot be understood', async () => {
    expect((await sockctl(['serve', '--frobnicate'])).code).toBe(EXIT_CODES.usage.code)
    expect((await sockctl(['connect', 'tpc://x:1'])).code).toBe(EXIT_CODES.usage.code)
  })

  it('not found: no such name, file or command', async () => {
    const missing = EXIT_CODES['not found'].code
    expect((await sockctl(['connect', 'nowhere.invalid:1'])).code).toBe(missing)
    expect((await sockctl(['connect', `unix:${folder}/none`])).code).toBe(missing)
    expect((await sockctl(['serve', '--', `${folder}/none`])).code).toBe(missing)
  })

  it('refused: nobody listens, or the connection broke', async () => {
    const { server, port } = await serve()
    server.child.kill('SIGTERM')
    await server.outcome()
    expect((await sockctl(['connect', `127.0.0.1:${port}`])).code).toBe(EXIT_CODES.refused.code)
  })

  it('timeout: no answer in time', async () => {
    const { port } = await serve('--hang')
    const argv = ['connect', `127.0.0.1:${port}`, '--send', 'x', '--timeout', '300ms']
    expect((await sockctl(argv)).code).toBe(EXIT_CODES.timeout.code)
  })

  it('protocol: a handshake failed', async () => {
    const { port } = await serve()
    const argv = ['connect', '--tls', `127.0.0.1:${port}`]
    expect((await sockctl(argv)).code).toBe(EXIT_CODES.protocol.code)
  })

  it('in use: something else has the address', async () => {
    const { port } = await serve()
    expect((await sockctl(['serve', `:${port}`])).code).toBe(EXIT_CODES['in use'].code)
  })

  it.skipIf(process.getuid?.() !== 0)('denied: no permission', async () => {
    chmodSync(folder, 0o755)
    const outcome = await sockctl(['serve', `unix:${folder}/s`], {
      through: ['setpriv', '--reuid=65534', '--clear-groups'],
    })
    expect(outcome.stderr).toContain('permission denied (EACCES)')
    expect(outcome.code).toBe(EXIT_CODES.denied.code)
  })

  it('unsupported: not by this transport', async () => {
    expect((await sockctl(['connect', 'fd:3'])).code).toBe(EXIT_CODES.unsupported.code)
  })

  it('bug: what nobody foresaw, with a place to report it', async () => {
    const sabotage = join(folder, 'sabotage.cjs')
    writeFileSync(sabotage, 'require("node:net").createServer = () => null.listen()')
    const outcome = await sockctl(['serve'], { env: { NODE_OPTIONS: `--require ${sabotage}` } })
    expect(outcome.code).toBe(EXIT_CODES.bug.code)
    expect(outcome.stderr).toMatch(/this is a bug in sockctl\n {2}TypeError: Cannot read/)
    expect(outcome.stderr).toMatch(/Please report it.*https:/)
  })

  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: 128 and its number', async (signal, code) => {
    const { server } = await serve()
    server.child.kill(signal)
    expect((await server.outcome()).code).toBe(code)
  })
})
