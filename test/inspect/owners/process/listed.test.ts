import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listedProcesses } from '../../../../src/inspect/owners/process/listed.ts'

describe('listedProcesses', () => {
  let procRoot: string

  beforeEach(() => {
    procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    mkdirSync(join(procRoot, '7'))
    writeFileSync(join(procRoot, '7', 'cmdline'), 'curl\0--user\0me:secret\0')
    symlinkSync('/srv/shop', join(procRoot, '7', 'cwd'))
  })

  afterEach(() => {
    rmSync(procRoot, { recursive: true })
  })

  it('masks secrets, and reads each process once', () => {
    const { commandOf, workingFolderOf } = listedProcesses(procRoot)
    const command = commandOf(7)
    expect(command).toMatch(/^curl --user /)
    expect(command).not.toContain('secret')
    expect(workingFolderOf(7)).toBe('/srv/shop')
    rmSync(join(procRoot, '7'), { recursive: true })
    expect([commandOf(7), workingFolderOf(7)]).toEqual([command, '/srv/shop'])
  })

  it('knows nothing of a process that is not there', () => {
    const { commandOf, workingFolderOf } = listedProcesses(procRoot)
    expect([commandOf(8), workingFolderOf(8)]).toEqual([undefined, undefined])
  })
})
