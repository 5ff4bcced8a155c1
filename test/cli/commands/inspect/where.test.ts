import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWhere } from '../../../../src/cli/commands/inspect/where.ts'
import { findCgroupRoot } from '../../../../src/inspect/owners/cgroup/tree.ts'
import { within } from '../../../support/deadline.ts'
import { hasPeer } from '../../../support/peers.ts'
import { record, snapshot } from '../../../support/records.ts'
import { sockctl } from '../../../support/sockctl.ts'

const flags = { header: true, bind: true, color: 'never' } as const
const root = process.platform === 'linux' ? findCgroupRoot('/proc') : undefined
const canMakeContainers =
  root !== undefined && process.getuid?.() === 0 && ['unshare', 'python3'].every(hasPeer)

/** What a container is to the kernel: a cgroup with such a name, and here a network of its own. */
const ID = `${process.pid}`.padEnd(64, '0')
const SERVER = `
import json, os, socket, sys
door = socket.create_server(('0.0.0.0', 0))
print(door.getsockname()[1], flush=True)
sys.stdin.read()
`

describe('readWhere', () => {
  it('looks where it is told to', async () => {
    expect(await readWhere(flags)).toEqual({ netns: undefined })
    expect(await readWhere({ ...flags, netns: 'blue' })).toEqual({ netns: 'blue' })
  })

  describe.skipIf(!canMakeContainers)('with a container', () => {
    const folder = join(root ?? '', `docker-${ID}.scope`)
    let child: ChildProcess
    let port: number

    beforeAll(async () => {
      mkdirSync(folder)
      // The shell goes into the cgroup, and becomes the server.
      const script = 'echo $$ > "$0/cgroup.procs" && exec unshare -n python3 -c "$1"'
      const started = spawn('sh', ['-c', script, folder, SERVER], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      child = started
      const [line] = await within(8000, 'a port', once(createInterface(started.stdout), 'line'))
      port = Number(line)
    })

    afterAll(async () => {
      const ended = once(child, 'close')
      child.stdin?.end()
      await within(5000, 'the end of the server', ended)
      rmdirSync(folder)
    })

    it('looks into its network, for what belongs to it', async () => {
      const where = await readWhere({ ...flags, container: ID.slice(0, 12) })
      expect(where.netns).toBe(String(child.pid))
      const owners = [{ pid: child.pid ?? 0, fd: 3, name: 'python3' }]
      const belongs = where.belongsIn?.(snapshot([], { 1000: owners, 2000: [] }))
      expect(belongs?.(record())).toBe(true)
      expect(belongs?.(record({ inode: 2000 }))).toBe(false)
      expect(belongs?.(record({ inode: 0, state: 'time-wait' }))).toBe(true)
    })

    it.each([['--container'], ['--netns']])('shows its sockets with %s', async option => {
      const { code, stdout } = await sockctl(['inspect', option, ID.slice(0, 12)])
      const [, row = '', ...rest] = stdout.trimEnd().split('\n')
      expect(row).toMatch(`0.0.0.0:${port}`)
      expect(row).toMatch(`python3 pid=${child.pid} fd=3`)
      expect(rest).toEqual([])
      expect(code).toBe(0)
    })
  })

  it.each([
    [['--container', 'no-such-container'], 3, 'no container no-such-container runs here'],
    [['--netns', 'no-such-name'], 3, 'there is no network namespace or container no-such-name'],
    [['--netns', 'x', '--container', 'y'], 2, "'--container <name>' cannot be used with"],
  ])('says what is wrong with %j', async (argv, expected, message) => {
    const { code, stderr } = await sockctl(['inspect', ...argv])
    expect(stderr).toContain(message)
    expect(code).toBe(expected)
  })
})
