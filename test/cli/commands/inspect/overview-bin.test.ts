import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { within } from '../../../support/deadline.ts'
import { hasPeer } from '../../../support/peers.ts'
import { sockctl } from '../../../support/sockctl.ts'

/** A server whose terminal was closed. */
describe.skipIf(process.platform !== 'linux' || !hasPeer('python3') || !hasPeer('bash'))(
  'the overview of a machine with an orphan',
  () => {
    let folder: string
    let child: ChildProcess
    let pid: number
    let port: number

    beforeAll(async () => {
      folder = realpathSync(mkdtempSync(join(tmpdir(), 'sockctl-orphan-')))
      writeFileSync(join(folder, 'package.json'), '{"name": "shop-api"}')
      const started = spawn('python3', ['test/fixtures/orphan.py', folder], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      child = started
      const [line] = await within(8000, 'a pid', once(createInterface(started.stdout), 'line'))
      const [first, second] = String(line).split(' ').map(Number)
      pid = first ?? 0
      port = second ?? 0
    })

    afterAll(async () => {
      const ended = once(child, 'close')
      child.stdin?.end()
      await within(5000, 'its end', ended)
      rmSync(folder, { recursive: true })
    })

    it('has a line for it that can be grepped', async () => {
      const { code, stdout } = await sockctl(['inspect'])
      const [headings = '', ...lines] = stdout.split('\n')
      expect(headings.split(/ {2,}/)).toEqual([
        'PORT',
        'PROJECT',
        'WHAT',
        'UP',
        'SEEN FROM',
        'NOTE',
      ])
      const found = lines.filter(line => line.startsWith(`${port} `))
      expect(found.map(line => line.split(/ {2,}/))).toEqual([
        [
          `${port}`,
          folder,
          'python3',
          expect.stringMatching(/^\d+ [sm]$/),
          'localhost',
          'orphan: terminal gone',
        ],
      ])
      expect(code).toBe(0)
    })

    it('says the same in JSON, beside the sockets', async () => {
      const { overview, sockets } = JSON.parse((await sockctl(['inspect', '--json'])).stdout)
      expect(overview.find((one: { pid?: number }) => one.pid === pid)).toMatchObject({
        port,
        protocol: 'tcp',
        hosts: ['127.0.0.1'],
        openTo: 'localhost',
        project: { name: 'shop-api', folder },
        connections: 0,
        orphan: 'terminal-gone',
        isForgotten: true,
      })
      expect(sockets.every(({ state }: { state: string }) => state !== 'established')).toBe(true)
    })

    it('is an orphan in the report too', async () => {
      const { stdout } = await sockctl(['inspect', `:${port}`])
      expect(stdout).toMatch(
        new RegExp(`^Port ${port} is held by python3 \\(pid ${pid}\\).*"shop-api", up `),
      )
      expect(stdout).toMatch(/\n {2}started .*, terminal gone -> orphan\n/)
    })
  },
)
