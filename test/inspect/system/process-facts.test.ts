import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { processFacts, unlistedSockets } from '../../../src/inspect/system/process-facts.ts'

/** Above what any process has here (PID_MAX_LIMIT of linux/threads.h). */
const NO_PID = 2 ** 22 + 1

describe.skipIf(process.platform !== 'linux')('processFacts', () => {
  it('knows this process', () => {
    const health = processFacts('/proc').process(process.pid)
    expect(health).toMatchObject({ pid: process.pid, isProgramDeleted: false })
    expect(health?.descriptors).toBeGreaterThan(3)
    expect(health?.descriptorLimit).toBeGreaterThan(health?.descriptors ?? 0)
    expect(health?.state).toMatch(/^[RSD]$/)
  })

  it('knows a process that is stopped', async () => {
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    child.kill('SIGSTOP')
    const pid = child.pid ?? 0
    await expect.poll(() => processFacts('/proc').process(pid)?.state).toBe('T')
    child.kill('SIGKILL')
    await once(child, 'close')
  })

  it('knows nothing of a process that is not there', () => {
    const facts = processFacts('/proc')
    expect(facts.process(NO_PID)).toBeUndefined()
    expect(facts.hasPath(NO_PID, '/')).toBeUndefined()
    expect(facts.shareFiles(NO_PID, NO_PID)).toBe(false)
  })

  it('sees paths as the process does: from its root, or from where it is', () => {
    const facts = processFacts('/proc')
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-path-'))
    writeFileSync(join(folder, 'door'), '')
    expect(facts.hasPath(process.pid, join(folder, 'door'))).toBe(true)
    rmSync(folder, { recursive: true })
    expect(facts.hasPath(process.pid, join(folder, 'door'))).toBe(false)
    expect(facts.hasPath(process.pid, 'package.json')).toBe(true)
    expect(facts.hasPath(process.pid, 'no-such-file')).toBe(false)
    expect(facts.shareFiles(process.pid, process.ppid)).toBe(true)
  })
})

describe.skipIf(process.platform !== 'linux')('unlistedSockets', () => {
  it('finds the sockets of a process that are not listed', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const client: Socket = connect(port, '127.0.0.1')
    await once(client, 'connect')
    const mine = (isListed: (inode: number) => boolean) =>
      unlistedSockets('/proc', { isListed, heldBy: new Map() }, 1).find(
        ({ pid }) => pid === process.pid,
      )
    const all = mine(() => false)?.inodes ?? []
    expect(all.length).toBeGreaterThanOrEqual(2)
    expect(mine(inode => inode !== all[0])?.inodes).toEqual([all[0]])
    expect(mine(() => true)).toBeUndefined()
    client.destroy()
    server.close()
  })

  it('is silent about fewer than a few, and where there is no proc(5)', () => {
    const none = { isListed: () => false, heldBy: new Map<number, number>() }
    expect(unlistedSockets('/proc', none, 1_000_000)).toEqual([])
    expect(unlistedSockets('/nowhere', none, 1)).toEqual([])
    const all = { isListed: () => false, heldBy: new Map([[process.pid, 1_000_000]]) }
    expect(unlistedSockets('/proc', all, 1).map(({ pid }) => pid)).not.toContain(process.pid)
  })
})
