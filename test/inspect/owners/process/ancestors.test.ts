import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAncestors } from '../../../../src/inspect/owners/process/ancestors.ts'

describe('readAncestors', () => {
  let procRoot: string

  beforeEach(() => {
    procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
  })

  afterEach(() => {
    rmSync(procRoot, { recursive: true })
  })

  function put(pid: number, parent: number, name: string): void {
    const folder = join(procRoot, String(pid))
    mkdirSync(folder)
    writeFileSync(join(folder, 'stat'), `${pid} (${name}) S ${parent} 1 1 0`)
    writeFileSync(join(folder, 'comm'), `${name}\n`)
  }

  it('goes up to the one that supervises', () => {
    put(1, 0, 'systemd')
    put(20, 1, 'tmux: server')
    put(30, 20, 'bash')
    put(40, 30, 'npm run dev')
    put(50, 40, 'node')
    expect(readAncestors(50, procRoot)).toEqual([
      { pid: 40, name: 'npm run dev' },
      { pid: 30, name: 'bash' },
      { pid: 20, name: 'tmux: server' },
    ])
    expect(readAncestors(20, procRoot)).toEqual([{ pid: 1, name: 'systemd' }])
    expect(readAncestors(1, procRoot)).toEqual([])
  })

  it('stops where nobody can be seen, and in no circle', () => {
    put(30, 20, 'bash')
    expect(readAncestors(30, procRoot)).toEqual([])
    put(40, 41, 'a')
    put(41, 40, 'b')
    expect(readAncestors(40, procRoot).map(({ pid }) => pid)).toEqual([41, 40])
    expect(readAncestors(99, procRoot)).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('begins with the parent of this process', () => {
    expect(readAncestors(process.pid)[0]?.pid).toBe(process.ppid)
  })
})
