import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { certificateFor } from '../support/certificates.ts'
import { dialRaw, endSessionsAfterEach, newFolder } from '../support/serve-session.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { startTlsServe } from '../support/tls-serve.ts'

endSessionsAfterEach()
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

const DAY_MS = 86_400_000
const PAST = { fromMs: -3 * DAY_MS, untilMs: -2 * DAY_MS }
const FUTURE = { fromMs: 2 * DAY_MS, untilMs: 3 * DAY_MS }

/** A certificate in files: what to give to show it, and its CA. */
async function inFiles(...what: Parameters<typeof certificateFor>) {
  const { cert, key, ca } = await certificateFor(...what)
  const path = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 })
    return join(folder, name)
  }
  const folder = newFolder()
  return { show: ['--cert', path('cert', cert), '--key', path('key', key)], ca: path('ca', ca) }
}

describe('serve --cert', () => {
  const serve = (show: readonly string[], ...more: readonly string[]) =>
    sockctl(['serve', 'tls://127.0.0.1:0', ...show, '--for', '1ms', ...more])

  it('warns of one that has expired', async () => {
    const { show } = await inFiles(undefined, PAST)
    const { stderr } = await serve(show)
    const date = new Date(Date.now() - 2 * DAY_MS).toISOString().slice(0, 10)
    expect(stderr).toMatch(
      new RegExp(
        `^--cert: its certificate has expired 2 d 0 h ago, on ${date}; clients will not trust it\n {2}Renew it, `,
      ),
    )
    expect((await serve(show, '--quiet')).stderr).toBe('')
  })

  it('warns of one that is not yet valid', async () => {
    const { show } = await inFiles(undefined, FUTURE)
    expect((await serve(show)).stderr).toMatch(
      /^--cert: its certificate is not yet valid: only from \d{4}-\d\d-\d\d on; .*\n {2}Is the clock/,
    )
  })

  it('says nothing of one that is valid', async () => {
    const { show } = await inFiles()
    expect((await serve(show)).stderr).not.toContain('certificate')
  })
})

describe('serve --client-ca', () => {
  it.each([
    ['of another CA', {}, /its CA is not one that is trusted here \(CN=sockctl CA/],
    ['that has expired', PAST, /its certificate has expired 2 d 0 h ago, on /],
    ['for servers', { usage: 'server' }, /its certificate is not one for clients$/m],
  ] as const)('says on both sides what is wrong with a certificate %s', async (what, how, why) => {
    const alice = await inFiles(['alice'], { usage: 'client', ...how })
    const other = await inFiles(['alice'], { usage: 'client' })
    const trusted = what === 'of another CA' ? other.ca : alice.ca
    const { server, port, ca } = await startTlsServe(['127.0.0.1:0', '--client-ca', trusted])
    running.push(server)
    const argv = ['connect', `tls://127.0.0.1:${port}`, '--ca', ca, '--send', 'x']
    const { code, stderr } = await sockctl([...argv, ...alice.show])
    expect(code).toBe(4)
    expect(stderr).toContain('  It may not let in whom the certificate of --cert is for.\n')
    const [line] = await server.says('stderr', /closed \S+: CN=alice may not in: .*\n/)
    expect(line).toMatch(why)
  })
})

describe('serve --tls', () => {
  it('gives up whoever stops in the middle of a ClientHello', async () => {
    const { server, port } = await startServe(['tls://127.0.0.1:0', '--handshake-timeout', '200ms'])
    running.push(server)
    const client = await dialRaw(port)
    client.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0]))
    await server.says('stderr', /closed \S+: no handshake in 200 ms\n/)
  })
})
