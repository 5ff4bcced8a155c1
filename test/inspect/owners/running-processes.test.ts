import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { listProcesses } from '../../../src/inspect/owners/running-processes.ts'

const isLinux = process.platform === 'linux'

describe.skipIf(!isLinux)('listProcesses', () => {
  const folders: string[] = []

  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  it('tells of this process whose it is, and how many descriptors it has', () => {
    const own = listProcesses('/proc', new Set()).find(({ pid }) => pid === process.pid)
    expect(own).toMatchObject({ folder: `/proc/${process.pid}`, uid: process.getuid?.() })
    // Older kernels (before 6.2) do not tell; reading the folder takes one more.
    const listed = readdirSync('/proc/self/fd').length - 1
    expect([undefined, listed]).toContain(own?.descriptors)
  })

  it('leaves out those that are known', () => {
    const others = listProcesses('/proc', new Set([process.pid]))
    expect(others.map(({ pid }) => pid)).not.toContain(process.pid)
    expect(others.length).toBeGreaterThan(0)
  })

  it('takes no size of a folder that is only a copy for a number of descriptors', () => {
    const copy = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    folders.push(copy)
    mkdirSync(join(copy, 'self', 'fd'), { recursive: true })
    mkdirSync(join(copy, '7', 'fd'), { recursive: true })
    mkdirSync(join(copy, '8'))
    expect(listProcesses(copy, new Set())).toMatchObject([
      { pid: 7, descriptors: undefined },
      { pid: 8, descriptors: undefined },
    ])
  })

  it('fails when there is no such /proc', () => {
    expect(() => listProcesses('/no/proc', new Set())).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_FOUND' }),
    )
  })
})
