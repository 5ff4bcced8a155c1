import { closeSync, openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type HolderIdentity, identifyHolder } from '../../../src/inspect/act/holder-identity.ts'
import { type SignallingLibc, signalHolder } from '../../../src/inspect/act/signal-holder.ts'
import { loadLibc } from '../../../src/native/libc.ts'
import { inodesOf } from '../../support/inodes.ts'
import { endPortHoldersAfterEach, holdPort, type PortHolder } from '../../support/port-holder.ts'

endPortHoldersAfterEach()

/** As on a kernel that has no pidfd_open(2). */
const withoutPidfd: SignallingLibc = {
  pidfd_open: () => -1,
  pidfd_send_signal: () => -1,
  close: () => 0,
  errno: () => 38,
}
const load = await loadLibc()
const withPidfd: SignallingLibc | undefined = 'libc' in load ? load.libc : undefined

async function held(): Promise<{ holder: PortHolder; identity: HolderIdentity }> {
  const holder = await holdPort()
  const identity = identifyHolder(holder.pid, inodesOf(holder.pid))
  if (identity === undefined) throw new Error('the holder holds nothing')
  return { holder, identity }
}

describe.runIf(process.platform === 'linux').each([
  ['by pidfd', withPidfd],
  ['by pid', withoutPidfd],
])('signalHolder %s', (_, libc) => {
  it('sends the signal to the one that was meant', async () => {
    const { holder, identity } = await held()
    expect(await signalHolder(identity, ['SIGTERM'], { libc })).toBe('sent')
    expect(await holder.ended).toBe('SIGTERM')
  })

  it('sends nothing when the pid is that of another by now', async () => {
    const { holder, identity } = await held()
    const stale = { ...identity, startTicks: identity.startTicks - 1 }
    expect(await signalHolder(stale, ['SIGKILL'], { libc })).toBe('another')
    expect(await signalHolder({ ...identity, inodes: new Set([1]) }, ['SIGKILL'], { libc })).toBe(
      'released',
    )
    // Signals come in the order in which they are sent: this one is the first.
    expect(await signalHolder(identity, ['SIGINT'], { libc })).toBe('sent')
    expect(await holder.ended).toBe('SIGINT')
  })

  it('sends nothing to one that has ended', async () => {
    const { holder, identity } = await held()
    holder.child.kill('SIGKILL')
    await holder.ended
    expect(await signalHolder(identity, ['SIGTERM'], { libc })).toBe('ended')
  })

  it('wakes a suspended one, so that it can obey', async () => {
    const { holder, identity } = await held()
    holder.child.kill('SIGSTOP')
    expect(await signalHolder(identity, ['SIGTERM', 'SIGCONT'], { libc })).toBe('sent')
    expect(await holder.ended).toBe('SIGTERM')
  })

  it('tells what the system forbids', async () => {
    const { holder, identity } = await held()
    const forbidden: SignallingLibc = {
      ...withoutPidfd,
      pidfd_open: () => openSync('/dev/null', 'r'),
      close: fd => {
        closeSync(fd)
        return 0
      },
      errno: () => 1,
    }
    expect(await signalHolder(identity, ['SIGTERM'], { libc: forbidden })).toBe('forbidden')
    expect(holder.isRunning).toBe(true)
  })
})

describe.runIf(withPidfd !== undefined)('signalHolder', () => {
  it('sends nothing where /proc has another process by that number', async () => {
    const libc = withPidfd
    if (libc === undefined) throw new Error('without koffi')
    const [{ holder, identity }, stranger] = [await held(), await held()]
    // As it comes out when the number is resolved in another PID namespace.
    const mistaken: SignallingLibc = {
      pidfd_open: () => libc.pidfd_open(stranger.holder.pid),
      pidfd_send_signal: (pidfd, signal) => libc.pidfd_send_signal(pidfd, signal),
      close: fd => libc.close(fd),
      errno: () => libc.errno(),
    }
    await expect(signalHolder(identity, ['SIGKILL'], { libc: mistaken })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('another PID namespace'),
    })
    expect([holder.isRunning, stranger.holder.isRunning]).toEqual([true, true])
  })
})
