import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  readCommand,
  readProcessFacts,
  readProcessUser,
} from '../../../../src/inspect/owners/process/facts.ts'
import { type Bundle, bundle } from '../../../support/bundle.ts'
import { within } from '../../../support/deadline.ts'
import { hasPeer } from '../../../support/peers.ts'

const isRoot = process.getuid?.() === 0

describe.skipIf(process.platform !== 'linux')('readProcessFacts', () => {
  let folder: string
  let child: ChildProcess
  let pid: number
  let script: Bundle

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'sockctl-facts-')))
    writeFileSync(join(folder, 'package.json'), '{"name": "shop"}')
    const program = join(folder, 'server')
    copyFileSync(execFileSync('which', ['cat'], { encoding: 'utf8' }).trim(), program)
    // It says its first word when it runs, and ends when its stdin does.
    child = spawn(program, ['-', '--', '/dev/null'], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    child.stdin?.write('.')
    await within(5000, 'a sign of life', once(child.stdout ?? child, 'data'))
    pid = child.pid ?? 0
    rmSync(program)
    script = await bundle('test/support/print-facts.ts', { hasPackages: false })
  })

  afterAll(async () => {
    const ended = once(child, 'close')
    child.stdin?.end()
    await within(5000, 'its end', ended)
    script.remove()
    rmSync(folder, { recursive: true })
  })

  it('takes the name of a program for that of its first thread in Node', async () => {
    const rename = 'echo node-MainThread > /proc/$$/comm; echo done; read -r _'
    const shell = spawn('bash', ['-c', rename], { stdio: ['pipe', 'pipe', 'ignore'] })
    await within(5000, 'its name', once(shell.stdout, 'data'))
    expect(readProcessFacts(shell.pid ?? 0).name).toBe('bash')
    shell.stdin.end()
    await within(5000, 'its end', once(shell, 'close'))
  })

  it('tells what there is to know', () => {
    const facts = readProcessFacts(pid)
    expect(facts).toMatchObject({
      pid,
      name: 'server',
      command: `${folder}/server - -- /dev/null`,
      executable: { path: `${folder}/server`, isDeleted: true },
      workingFolder: folder,
      isFolderDeleted: false,
      project: { folder, name: 'shop' },
      uid: process.getuid?.(),
      threads: 1,
      openDescriptors: readdirSync(`/proc/${pid}/fd`).length,
      denied: new Set(),
    })
    expect(facts.ancestors[0]?.pid).toBe(process.pid)
    expect(['sleeping', 'running']).toContain(facts.state)
    expect(facts.descriptorLimit).toBeGreaterThan(3)
    const age = Date.now() - (facts.startedAt?.getTime() ?? 0)
    expect(age).toBeGreaterThan(-2000)
    expect(age).toBeLessThan(60_000)
  })

  it('tells the same for lists', () => {
    expect(readCommand(pid)).toBe(`${folder}/server - -- /dev/null`)
    expect(readProcessUser(pid)).toBe(process.getuid?.())
    expect([readCommand(2 ** 22), readProcessUser(2 ** 22)]).toEqual([undefined, undefined])
  })

  it('says that there is no such process', () => {
    expect(() => readProcessFacts(2 ** 22)).toThrow(
      expect.objectContaining({
        code: 'ERR_NOT_FOUND',
        message: `there is no process ${2 ** 22}`,
      }),
    )
  })

  it.skipIf(!isRoot || !hasPeer('setpriv'))('says what others may not see', () => {
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath]
    const output = execFileSync('setpriv', [...nobody, script.path, String(pid)])
    const facts = JSON.parse(output.toString())
    expect(facts).toMatchObject({ name: 'server', command: `${folder}/server - -- /dev/null` })
    expect(facts.denied).toEqual(['workingFolder', 'executable', 'openDescriptors'])
    expect(facts).not.toHaveProperty('project')
  })
})
