import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  hasEnded,
  identifyHolder,
  stateOfHolder,
} from '../../../src/inspect/act/holder-identity.ts'
import type { DescriptorTables } from '../../../src/inspect/owners/descriptor-tables.ts'
import { loadTables } from '../../../src/inspect/owners/load-tables.ts'
import { loadLibc } from '../../../src/native/libc.ts'
import { inodesOf } from '../../support/inodes.ts'
import { hasPeer } from '../../support/peers.ts'
import { endPortHoldersAfterEach, holdPort } from '../../support/port-holder.ts'

endPortHoldersAfterEach()

/** Without kcmp(2) it cannot be told which threads share a table. */
const load = await loadLibc()
const knowsThreads =
  process.platform === 'linux' &&
  'libc' in load &&
  load.libc.kcmp(process.pid, process.pid, 2) === 0

let server: Server
let inode: number

beforeAll(async () => {
  const before = inodesOf(process.pid)
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  inode = [...inodesOf(process.pid)].find(one => !before.has(one)) ?? 0
})

afterAll(() => {
  server.close()
})

describe.runIf(process.platform === 'linux')('identifyHolder', () => {
  it('notes when the process started', () => {
    const identity = identifyHolder(process.pid, new Set([inode]))
    expect(identity).toMatchObject({ pid: process.pid, startTicks: expect.any(Number) })
  })

  it('knows no process that holds none of the sockets, or that is not there', () => {
    expect(identifyHolder(process.pid, new Set([1]))).toBeUndefined()
    expect(identifyHolder(2 ** 22 + 1, new Set([inode]))).toBeUndefined()
  })
})

describe.runIf(process.platform === 'linux')('stateOfHolder', () => {
  const identify = (pid: number, inodes: ReadonlySet<number>) => {
    const identity = identifyHolder(pid, inodes)
    if (identity === undefined) throw new Error(`nothing is held by ${pid}`)
    return identity
  }

  it('is the same while it holds one of the sockets', () => {
    expect(stateOfHolder(identify(process.pid, new Set([1, inode])))).toBe('same')
  })

  it('is another when its number was given again: the start time differs', () => {
    const identity = identify(process.pid, new Set([inode]))
    expect(stateOfHolder({ ...identity, startTicks: identity.startTicks - 1 })).toBe('another')
  })

  it('has released what it holds no more', () => {
    const identity = identify(process.pid, new Set([inode]))
    expect(stateOfHolder({ ...identity, inodes: new Set([1]) })).toBe('released')
    expect(hasEnded(identity)).toBe(false)
  })

  it.skipIf(!knowsThreads)('reads the table that threads share once', async () => {
    const real = await loadTables('/proc')
    const opened: string[] = []
    const tables: DescriptorTables = {
      ...real,
      open(folder) {
        opened.push(folder)
        return real.open(folder)
      },
    }
    const identity = identify(process.pid, new Set([inode]))
    expect(stateOfHolder({ ...identity, inodes: new Set([1]) }, { tables })).toBe('released')
    expect(readdirSync('/proc/self/task').length).toBeGreaterThan(1)
    expect(opened).toEqual([`/proc/${process.pid}/fd`])
  })

  it('is the same when it holds the socket by another descriptor since', () => {
    const identity = identify(process.pid, new Set([inode]))
    expect(identity.descriptors).toEqual([expect.stringMatching(/^fd\/\d+$/)])
    expect(stateOfHolder({ ...identity, descriptors: ['fd/0'] })).toBe('same')
  })

  it.skipIf(!hasPeer('python3'))('has ended, be it that its parent has not asked how', async () => {
    const holder = await holdPort([
      'python3',
      '-c',
      `
import os, socket, sys
child = os.fork()
if child == 0:
    door = socket.create_server(('127.0.0.1', 0))
    print(os.getpid(), flush=True)
    sys.stdin.read()
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print('zombie', flush=True)
import time; time.sleep(60)
`,
    ])
    const [pid = 0] = holder.numbers
    const identity = identify(pid, inodesOf(pid))
    expect(stateOfHolder(identity)).toBe('same')
    const zombie = once(holder.child.stdout ?? process.stdin, 'data')
    holder.child.stdin?.end()
    await zombie
    expect(stateOfHolder(identity)).toBe('ended')
  })
})
