import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Libc, loadLibc } from '../../src/native/libc.ts'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const MSG_DONTWAIT = 0x40
const MSG_TRUNC = 0x20

const isLinux = process.platform === 'linux'

// That koffi may be missing is tested with the snapshot, where a source takes its place.
describe.skipIf(!isLinux)('loadLibc', async () => {
  const load = isLinux ? await loadLibc() : { missing: 'not here' }

  function libc(): Libc {
    if ('libc' in load) return load.libc
    throw new Error(load.missing)
  }

  it('opens and closes sockets', () => {
    const fd = libc().socket(AF_UNIX, SOCK_DGRAM, 0)
    expect(fd).toBeGreaterThan(2)
    expect(libc().close(fd)).toBe(0)
    expect(libc().close(fd)).toBe(-1)
    expect(libc().errno()).toBe(constants.errno.EBADF)
  })

  it('receives into a part of a buffer, and tells the whole length', () => {
    const { socket, bind, sendto, recv, close, errno } = libc()
    const name = Buffer.from(`\x01\x00\0sockctl-test-${process.pid}`)
    const receiver = socket(AF_UNIX, SOCK_DGRAM, 0)
    const sender = socket(AF_UNIX, SOCK_DGRAM, 0)
    try {
      expect(bind(receiver, name)).toBe(0)
      const buffer = Buffer.alloc(12, '.')
      expect(recv(receiver, buffer, MSG_DONTWAIT)).toBe(-1)
      expect(errno()).toBe(constants.errno.EAGAIN)
      expect(sendto(sender, Buffer.from('too long'), 0, name)).toBe(8)
      expect(recv(receiver, buffer.subarray(4, 8), MSG_DONTWAIT | MSG_TRUNC)).toBe(8)
      expect(buffer.toString()).toBe('....too ....')
    } finally {
      close(receiver)
      close(sender)
    }
  })

  it('reads links within a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-libc-'))
    symlinkSync('socket:[4711]', join(folder, '3'))
    const directory = openSync(folder, 'r')
    try {
      const target = Buffer.alloc(32, '.')
      expect(libc().readlinkat(directory, '3', target)).toBe(13)
      expect(target.toString('utf8', 0, 14)).toBe('socket:[4711].')
      expect(libc().readlinkat(directory, '4', target)).toBe(-1)
      expect(libc().errno()).toBe(constants.errno.ENOENT)
    } finally {
      closeSync(directory)
      rmSync(folder, { recursive: true })
    }
  })

  it.skipIf(!['x64', 'arm64'].includes(process.arch))('compares what processes have', () => {
    const KCMP_FILES = 2
    expect(libc().kcmp(process.pid, process.pid, KCMP_FILES)).toBe(0)
    expect(libc().kcmp(process.pid, process.ppid, KCMP_FILES)).toBeGreaterThan(0)
    expect(libc().kcmp(process.pid, 2 ** 22 + 1, KCMP_FILES)).toBe(-1)
    expect(libc().errno()).toBe(constants.errno.ESRCH)
  })
})
