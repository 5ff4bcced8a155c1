import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readExecutable, readWorkingFolder } from '../../../../src/inspect/owners/process/links.ts'
import { within } from '../../../support/deadline.ts'

describe.skipIf(process.platform !== 'linux')('links of a process', () => {
  const children: ChildProcess[] = []

  afterEach(async () => {
    for (const child of children.splice(0)) {
      const ended = once(child, 'close')
      child.stdin?.end()
      await within(5000, 'its end', ended)
    }
  })

  /** The folder in /proc of a copy of cat that runs in a folder. */
  async function running(program: string, cwd: string): Promise<string> {
    copyFileSync('/bin/cat', program)
    const child = spawn(program, { cwd, stdio: ['pipe', 'pipe', 'ignore'] })
    children.push(child)
    child.stdin?.write('.')
    await within(5000, 'a sign of life', once(child.stdout ?? child, 'data'))
    return `/proc/${child.pid}`
  }

  it('tells what was deleted, also when another of that name stands there', async () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'sockctl-links-')))
    const [cwd, program] = [join(top, 'api'), join(top, 'server')]
    mkdirSync(cwd)
    const folder = await running(program, cwd)
    expect(readWorkingFolder(folder)).toEqual({ path: cwd, isDeleted: false })
    expect(readExecutable(folder)).toEqual({ path: program, isDeleted: false })
    rmSync(cwd, { recursive: true })
    rmSync(program)
    mkdirSync(cwd)
    expect(readWorkingFolder(folder)).toEqual({ path: cwd, isDeleted: true })
    expect(readExecutable(folder)).toEqual({ path: program, isDeleted: true })
    rmSync(top, { recursive: true })
  })

  it('is not taken in by a name', async () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'sockctl-links-')))
    const cwd = join(top, 'api (deleted)')
    mkdirSync(cwd)
    const folder = await running(join(top, 'server (deleted)'), cwd)
    expect(readWorkingFolder(folder)).toEqual({ path: cwd, isDeleted: false })
    expect(readExecutable(folder).isDeleted).toBe(false)
    rmSync(top, { recursive: true })
  })
})
