import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../../support/context.ts'
import { listenOnQuietPort } from '../../../support/quiet-port.ts'

describe.skipIf(process.platform !== 'linux')('runInspect', () => {
  it('gives a list in place of a report on a program where the system lists no processes', async () => {
    const words = ['inspect', 'no-such-program', '--json']
    expect((await run(words)).stdout).toContain('"kind":"name"')
    // Where processes are hidden even from this user it is an error on stderr.
    const { stdout, stderr } = await run(words, { platform: 'darwin' })
    expect(stdout).not.toContain('"kind":"name"')
    expect(`${stdout}${stderr}`).toMatch(/"sockets":\[\]|no process named no-such-program holds/)
  })

  it('takes the time from its world', async () => {
    const server = createServer()
    const port = `${await listenOnQuietPort(server)}`
    for (const flags of [[], ['--free', '--dry-run'], ['--all']]) {
      const { stdout } = await run(['inspect', port, ...flags, '--json'])
      expect(JSON.parse(stdout).takenAt).toBe('2026-01-02T03:04:05.678Z')
    }
    server.close()
  })

  it('says alike of one look and of many that a folder has no processes', async () => {
    const proc = mkdtempSync(join(tmpdir(), 'sockctl-'))
    mkdirSync(join(proc, 'net'))
    copyFileSync('/proc/net/tcp', join(proc, 'net/tcp'))
    const words = ['inspect', '-t', '--process', 'nobody', '--proc', proc, '--source', 'procfs']
    for (const flags of [[], ['--watch', '100ms', '--count', '1']]) {
      const { code, stderr } = await run([...words, ...flags])
      expect(stderr).toContain(`cannot tell who holds a socket: ${proc} has no processes`)
      expect(code).toBe(9)
    }
    rmSync(proc, { recursive: true })
  })
})
