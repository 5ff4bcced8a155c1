import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type DescriptorTables,
  plainTables,
  tablesThrough,
} from '../../../src/inspect/owners/descriptor-tables.ts'
import { findOwners, type OwnerAnswer } from '../../../src/inspect/owners/find-owners.ts'
import { loadLibc } from '../../../src/native/libc.ts'
import { within } from '../../support/deadline.ts'
import { hasPeer } from '../../support/peers.ts'

/** What each descriptor of a process stands for. */
type Descriptors = Readonly<Record<number, string>>

describe('findOwners', () => {
  let procRoot: string

  beforeEach(() => {
    procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    writeFileSync(join(procRoot, 'version'), 'Linux')
  })

  afterEach(() => {
    rmSync(procRoot, { recursive: true })
  })

  /** Makes the folders of a process; its first thread has the same descriptors as the process. */
  function makeProcess(
    pid: number,
    name: string,
    fds: Descriptors,
    threads: Readonly<Record<number, Descriptors>> = {},
  ): void {
    const folder = join(procRoot, String(pid))
    makeTable(join(folder, 'fd'), fds)
    writeFileSync(join(folder, 'comm'), `${name}\n`)
    for (const [tid, table] of Object.entries({ [pid]: fds, ...threads })) {
      makeTable(join(folder, 'task', tid, 'fd'), table)
    }
  }

  function makeTable(folder: string, fds: Descriptors): void {
    mkdirSync(folder, { recursive: true })
    for (const [fd, target] of Object.entries(fds)) symlinkSync(target, join(folder, fd))
  }

  function find(
    inodes: readonly number[],
    options: { uid?: number; tables?: DescriptorTables } = {},
  ) {
    const { uid = 0, tables = plainTables } = options
    const sockets = new Map(inodes.map(inode => [inode, 1000]))
    return findOwners({ sockets, procRoot, viewerUid: uid, tables })
  }

  it('names every holder of each socket, and nothing else', () => {
    makeProcess(10, 'nginx', { 0: '/dev/null', 3: 'socket:[100]', 4: 'pipe:[100]' })
    makeProcess(11, 'nginx', { 3: 'socket:[100]', 5: 'socket:[100]', 6: 'socket:[999]' })
    const { owners, denied } = find([100, 200])
    expect(denied).toEqual([])
    expect([...owners.keys()]).toEqual([100])
    expect(new Set(owners.get(100))).toEqual(
      new Set([
        { pid: 10, fd: 3, name: 'nginx' },
        { pid: 11, fd: 3, name: 'nginx' },
        { pid: 11, fd: 5, name: 'nginx' },
      ]),
    )
  })

  it('takes the name of a process as it is', () => {
    makeProcess(10, 'x) (root\n[31m', { 3: 'socket:[100]' })
    expect(find([100]).owners.get(100)).toEqual([{ pid: 10, fd: 3, name: 'x) (root\n[31m' }])
  })

  it('looks nowhere when there is nothing to look for', () => {
    rmSync(procRoot, { recursive: true })
    const nothing = { owners: new Map(), denied: [], counted: new Map(), seesNoProcess: false }
    expect(find([])).toEqual(nothing)
    mkdirSync(procRoot)
  })

  it('says when it sees nobody, not even itself', () => {
    expect(find([1])).toMatchObject({ denied: [], seesNoProcess: true })
    makeProcess(10, 'x', {})
    expect(find([1])).toMatchObject({ denied: [], seesNoProcess: false })
  })

  it('fails when there is no such /proc', () => {
    const sockets = new Map([[1, 0]])
    expect(() => findOwners({ sockets, procRoot: '/no/proc', viewerUid: 0 })).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_FOUND' }),
    )
  })

  it('looks into single threads for a socket that no process has', () => {
    const common = { 0: '/dev/null', 3: 'socket:[100]' }
    makeProcess(10, 'python3', common, {
      11: common,
      12: { ...common, 4: 'socket:[200]' },
      13: { ...common, 4: 'socket:[200]' },
    })
    const { owners } = find([100, 200])
    expect(owners.get(200)).toEqual([{ pid: 10, fd: 4, name: 'python3' }])
    expect(owners.get(100)).toEqual([{ pid: 10, fd: 3, name: 'python3' }])
  })

  it('looks into the threads of a process whose first one has ended', () => {
    makeProcess(10, 'server', {}, { 12: { 3: 'socket:[200]' } })
    expect(find([200]).owners.get(200)).toEqual([{ pid: 10, fd: 3, name: 'server' }])
  })

  it('leaves the threads alone where what is missing belongs to others', () => {
    makeProcess(10, 'server', {}, { 12: { 3: 'socket:[200]' } })
    expect(find([200], { uid: 1001 }).owners.size).toBe(0)
    expect(find([200], { uid: 1000 }).owners.size).toBe(1)
  })

  it('reads no table of descriptors twice when it can tell that it is the same', () => {
    const common = { 3: 'socket:[100]' }
    makeProcess(10, 'java', common, { 11: common, 12: common, 13: { 4: 'socket:[200]' } })
    const opened: string[] = []
    const tables: DescriptorTables = {
      open(folder) {
        opened.push(folder.slice(procRoot.length))
        return plainTables.open(folder)
      },
      isShared: (thread, other) => (thread === 13) === (other === 13),
      isCheap: false,
    }
    expect(find([100, 200], { tables }).owners.size).toBe(2)
    expect(opened).toEqual(['/10/fd', '/10/task/13/fd'])
  })

  it('does not read thousands of descriptors again and again to find out', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, fd) => [fd, '/dev/null']))
    makeProcess(10, 'java', many, { 11: { ...many, 300: 'socket:[200]' } })
    expect(find([200]).owners.size).toBe(0)
  })

  it('leaves out what ends while it is read', () => {
    makeProcess(10, 'short', { 3: 'socket:[100]', 4: 'socket:[101]' })
    makeProcess(11, 'long', { 3: 'socket:[100]' })
    const tables: DescriptorTables = {
      ...plainTables,
      open(folder) {
        const table = plainTables.open(folder)
        if (!folder.includes('/10/')) return table
        return {
          ...table,
          socketInode() {
            throw Object.assign(new Error('gone'), { code: 'ESRCH' })
          },
        }
      },
    }
    const { owners, denied } = find([100, 101], { tables })
    expect(owners.get(100)).toEqual([{ pid: 11, fd: 3, name: 'long' }])
    expect(denied).toEqual([])
  })

  it('leaves out a descriptor that is closed while it is read', () => {
    makeProcess(10, 'busy', { 3: 'socket:[100]', 4: 'socket:[101]' })
    const tables: DescriptorTables = {
      ...plainTables,
      open(folder) {
        rmSync(`${folder}/3`, { force: true })
        return plainTables.open(folder)
      },
    }
    expect([...find([100, 101], { tables }).owners.keys()]).toEqual([101])
  })

  it('counts the processes that may not be looked into', () => {
    makeProcess(10, 'secret', { 3: 'socket:[100]' })
    makeProcess(11, 'open', { 3: 'socket:[101]' })
    const tables: DescriptorTables = {
      ...plainTables,
      open(folder) {
        if (!folder.includes('/10/')) return plainTables.open(folder)
        throw Object.assign(new Error('no'), { code: 'EACCES' })
      },
    }
    const { owners, denied } = find([100, 101], { tables })
    expect([...owners.keys()]).toEqual([101])
    expect(denied.map(({ pid }) => pid)).toEqual([10])
  })

  it('fails when this process has no descriptor left to look with', () => {
    makeProcess(10, 'server', { 3: 'socket:[100]' })
    const tables: DescriptorTables = {
      ...plainTables,
      open() {
        throw Object.assign(new Error('too many'), { code: 'EMFILE' })
      },
    }
    expect(() => find([100], { tables })).toThrow(expect.objectContaining({ code: 'ERR_SYSTEM' }))
  })

  it('looks into processes that began meanwhile for what it has not found', () => {
    makeProcess(10, 'parent', { 3: 'socket:[100]' })
    const tables: DescriptorTables = {
      ...plainTables,
      open(folder) {
        if (folder.includes('/10/')) {
          rmSync(`${folder}/3`, { force: true })
          makeProcess(12, 'child', { 3: 'socket:[100]' })
        }
        return plainTables.open(folder)
      },
    }
    const { owners } = find([100], { tables })
    expect(owners.get(100)).toEqual([{ pid: 12, fd: 3, name: 'child' }])
  })
})

/** A process with more than a thousand descriptors, whose child holds its listener too. */
const MANY_DESCRIPTORS = `
import json, os, resource, socket, subprocess, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
low = socket.create_server(('127.0.0.1', 0))
files = [os.open('/dev/null', 0) for _ in range(1200)]
high = socket.create_server(('127.0.0.1', 0))
os.set_inheritable(high.fileno(), True)
alone = socket.create_server(('127.0.0.1', 0))
child = subprocess.Popen(['sleep', '600'], pass_fds=[high.fileno()])
told = {name: [one.fileno(), os.fstat(one.fileno()).st_ino]
        for name, one in {'low': low, 'high': high, 'alone': alone}.items()}
print(json.dumps({'pid': os.getpid(), 'child': child.pid, **told}), flush=True)
sys.stdin.read()
child.kill()
child.wait()
`

const hasLibc = process.platform === 'linux' && 'libc' in (await loadLibc())

const startPython = () =>
  spawn('python3', ['-c', MANY_DESCRIPTORS], { stdio: ['pipe', 'pipe', 'inherit'] })

interface LargeTable {
  readonly pid: number
  readonly child: number
  /** A descriptor and its inode: at the start, held by the child too, and behind all others. */
  readonly low: readonly [number, number]
  readonly high: readonly [number, number]
  readonly alone: readonly [number, number]
}

describe.skipIf(!hasLibc || !hasPeer('python3'))('findOwners, beside a large table', () => {
  let python: ReturnType<typeof startPython> | undefined
  let large: LargeTable
  let plain: DescriptorTables

  beforeAll(async () => {
    const load = await loadLibc()
    if (!('libc' in load)) throw new Error(load.missing)
    plain = tablesThrough(load.libc)
    python = startPython()
    const [line] = await within(8000, 'it', once(createInterface(python.stdout), 'line'))
    large = JSON.parse(line)
  })

  afterAll(async () => {
    python?.stdin.end()
    if (python !== undefined) await within(5000, 'its end', once(python, 'close'))
  })

  /** Looks for the holders of one socket, and counts for how many descriptors the table was asked. */
  function ask(inode: number, counted?: OwnerAnswer['counted']) {
    let asked = 0
    const tables: DescriptorTables = {
      ...plain,
      open(folder) {
        const table = plain.open(folder)
        if (folder !== `/proc/${large.pid}/fd`) return table
        const socketInode = (fd: number) => {
          asked++
          return table.socketInode(fd)
        }
        return { ...table, socketInode }
      },
    }
    const viewerUid = process.getuid?.()
    const sockets = new Map([[inode, viewerUid]])
    const question = { sockets, procRoot: '/proc', viewerUid, tables }
    const answer = findOwners(counted === undefined ? question : { ...question, counted })
    const holders = answer.owners.get(inode)?.map(one => [one.pid, one.fd]) ?? []
    return { holders: new Set(holders.map(String)), asked, counted: answer.counted }
  }

  it('asks it for few descriptors, and finds every holder all the same', () => {
    const { pid, child, low, high, alone } = large
    const ofChild = ask(high[1])
    expect(ofChild.holders).toEqual(new Set([`${child},${high[0]}`, `${pid},${high[0]}`]))
    const atTheStart = ask(low[1])
    expect(atTheStart.holders).toEqual(new Set([`${pid},${low[0]}`]))
    const deep = ask(alone[1])
    expect(deep.holders).toEqual(new Set([`${pid},${alone[0]}`]))
    expect(deep.asked).toBeGreaterThan(1200)
    // Kernels before 6.2 do not tell which table is large.
    const isTold = ofChild.asked < 1200
    if (isTold) expect([ofChild.asked, atTheStart.asked]).toEqual([1, 65])
  })

  it('does not read it again for what it has not found, unless it changed', () => {
    const nobodys = 2 ** 31
    const { counted, asked } = ask(nobodys)
    expect(asked).toBeGreaterThan(1200)
    const before = counted?.get(large.pid)
    // Kernels before 6.2 do not tell how many descriptors there are.
    if (before === undefined) return
    expect(ask(nobodys, counted).asked).toBeLessThan(50)
    const wasOneLess = new Map([[large.pid, { ...before, read: before.read - 1 }]])
    expect(ask(nobodys, wasOneLess).asked).toBeGreaterThan(1200)
    // As many as before, of which some were closed, and others opened behind where it was left.
    const wasLeftEarlier = new Map([[large.pid, { ...before, end: large.alone[0] }]])
    expect(ask(large.alone[1], wasLeftEarlier).holders.size).toBe(1)
  })
})
