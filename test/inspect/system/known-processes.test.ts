import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { knownProcesses } from '../../../src/inspect/system/known-processes.ts'

/** Above what any process has here (PID_MAX_LIMIT of linux/threads.h). */
const NO_PID = 2 ** 22 + 1

describe.skipIf(process.platform !== 'linux')('knownProcesses', () => {
  it('knows this process', () => {
    const health = knownProcesses('/proc').process(process.pid)
    expect(health).toMatchObject({ pid: process.pid, isProgramDeleted: false })
    expect(health?.descriptors).toBeGreaterThan(3)
    expect(health?.descriptorLimit).toBeGreaterThan(health?.descriptors ?? 0)
    expect(health?.state).toMatch(/^(?:running|sleeping|waiting for a device)$/)
  })

  it('knows a process that is stopped', async () => {
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    child.kill('SIGSTOP')
    const pid = child.pid ?? 0
    await expect.poll(() => knownProcesses('/proc').process(pid)?.state).toBe('stopped')
    child.kill('SIGKILL')
    await once(child, 'close')
  })

  it('knows nothing of a process that is not there', () => {
    const facts = knownProcesses('/proc')
    expect(facts.process(NO_PID)).toBeUndefined()
    expect(facts.hasPath(NO_PID, '/')).toBeUndefined()
    expect(facts.shareFiles(NO_PID, NO_PID)).toBe(false)
  })

  it('sees paths as the process does: from its root, or from where it is', () => {
    const facts = knownProcesses('/proc')
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
