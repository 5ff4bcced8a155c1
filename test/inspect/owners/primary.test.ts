import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { primaryFirst } from '../../../src/inspect/owners/primary.ts'
import { record } from '../../support/records.ts'

describe('primaryFirst', () => {
  let folder: string
  let procRoot: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    procRoot = join(folder, 'proc')
    mkdirSync(join(procRoot, 'self'), { recursive: true })
    mkdirSync(join(folder, 'cgroup', 'web.service'), { recursive: true })
    writeFileSync(join(procRoot, 'self', 'mounts'), `none ${folder}/cgroup cgroup2 rw,nosuid 0 0\n`)
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  /** Makes what /proc tells of a process, and a holder that is it. */
  function holder(pid: number, startTicks: number, cgroup = '/') {
    const at = join(procRoot, String(pid))
    mkdirSync(at)
    const zeros = '0 '.repeat(15).trim()
    writeFileSync(join(at, 'stat'), `${pid} (a b) c) S 1 7 7 ${zeros} ${startTicks} 0\n`)
    writeFileSync(join(at, 'cgroup'), `0::${cgroup}\n`)
    return { pid, fd: 3, name: 'x' }
  }

  function first(holders: readonly ReturnType<typeof holder>[], cgroupId?: number) {
    const owners = new Map([[1000, holders]])
    const ordered = primaryFirst(owners, [record({ cgroupId })], procRoot)
    expect(ordered.get(1000)).toHaveLength(holders.length)
    return ordered.get(1000)?.[0]?.pid
  }

  it('takes the process that began first, the parent of the others', () => {
    expect(first([holder(30, 900), holder(20, 500), holder(40, 700)])).toBe(20)
  })

  it('takes the lower pid where both began at once', () => {
    expect(first([holder(31, 500), holder(30, 500)])).toBe(30)
  })

  it('takes no pid 1, which only keeps the socket for a unit', () => {
    expect(first([holder(1, 0), holder(30, 900)])).toBe(30)
  })

  it('takes the one in the cgroup in which the socket was made', () => {
    const id = statSync(join(folder, 'cgroup', 'web.service')).ino
    const holders = [holder(20, 500), holder(30, 900, '/web.service')]
    expect(first(holders, id)).toBe(30)
    expect(first(holders)).toBe(20)
  })

  it('puts one last that has ended', () => {
    expect(first([{ pid: 5, fd: 3, name: 'gone' }, holder(30, 900)])).toBe(30)
  })

  it('leaves a single holder alone', () => {
    const owners = new Map([[1000, [{ pid: 7, fd: 4, name: 'x' }]]])
    expect(primaryFirst(owners, [record()], '/no/proc')).toBe(owners)
  })
})
