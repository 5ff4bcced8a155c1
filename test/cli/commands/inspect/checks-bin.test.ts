import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPeer } from '../../../support/peers.ts'
import { sockctl } from '../../../support/sockctl.ts'

/** A listener of root, at which somebody else looks. */
let server: Server
let port: number
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-checks-bin-'))
  chmodSync(folder, 0o755)
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

describe('checks, by the built command', () => {
  it.each([
    [['--fail-if-any'], 1],
    [['--fail-if-none'], 0],
    [['--max', '1'], 0],
    [['--max', '0'], 1],
    [['-q'], 0],
    [['--max', 'x'], 2],
  ])('exits as it should: %j', async (flags, expected) => {
    expect((await sockctl(['inspect', `${port}`, ...flags])).code).toBe(expected)
  })
})

describe.skipIf(process.getuid?.() !== 0 || !hasPeer('setpriv'))('checks as nobody', () => {
  const asNobody = (...argv: string[]) =>
    sockctl(['inspect', ...argv], {
      through: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
      env: { npm_lifecycle_event: '' },
    })

  const byName = (): string[] => [
    'process',
    '=',
    'nobody-has-this',
    'and',
    'sport',
    '=',
    `:${port}`,
  ]

  it.each([['--fail-if-any'], ['--fail-if-none'], ['--max', '0'], ['-q']])(
    'do not take what is hidden for what is not there: %s',
    async (...flag) => {
      const { code, stderr } = await asNobody(...byName(), ...flag)
      expect(stderr).toContain('that can be seen, wanted')
      expect(stderr).toContain('1 hidden owner (root 1) may be what was asked for')
      expect(stderr).toContain('See them: sudo env "PATH=$PATH" sockctl inspect ')
      expect(code).toBe(8)
    },
  )

  it('say yes where what is hidden cannot be too much', async () => {
    const { code } = await asNobody(...byName(), '--max', '1')
    expect(code).toBe(0)
  })

  it('do not say that a policy is kept by somebody hidden', async () => {
    const policy = join(folder, 'policy')
    writeFileSync(policy, `default allow\ntcp 127.0.0.1:${port} node\n`)
    const { code, stdout, stderr } = await asNobody('-t', '--policy', policy)
    expect(stdout).toContain(`?     tcp 127.0.0.1:${port} may break the policy`)
    expect(stderr).toMatch(/sockctl: 1 of \d+ checks? cannot be answered/)
    expect(code).toBe(8)
  })
})
