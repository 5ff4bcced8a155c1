import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { errnoOf, systemError } from '../../errors.ts'
import { type Libc, loadLibc } from '../../native/libc.ts'
import type { DescriptorTables } from '../owners/descriptor-tables.ts'
import { loadTables } from '../owners/load-tables.ts'
import { type HolderIdentity, type HolderState, stateOfHolder } from './holder-identity.ts'
import { ensureOwnPids, otherPids } from './own-pids.ts'

/** What of the C library is needed to send a signal that cannot reach anybody else. */
export type SignallingLibc = Pick<Libc, 'pidfd_open' | 'pidfd_send_signal' | 'close' | 'errno'>

/** Sent; or why nothing was sent. `forbidden`: the system does not let this user. */
export type SignalOutcome = 'sent' | 'forbidden' | Exclude<HolderState, 'same'>

/**
 * Sends signals to a process if, at that moment, it is still the one that was meant and still holds
 * the sockets. The process is held on to by a descriptor (pidfd_open(2)) while that is read, so that
 * its number cannot be given to another in between. Where that is not to be had (before Linux 5.3,
 * without koffi) the signal follows the check at once.
 *
 * @param signals are sent one behind the other
 * @throws ERR_UNSUPPORTED when proc(5) numbers processes otherwise than the kernel does here
 */
export async function signalHolder(
  holder: HolderIdentity,
  signals: readonly NodeJS.Signals[],
  { libc, procRoot = '/proc' }: { libc?: SignallingLibc | undefined; procRoot?: string } = {},
): Promise<SignalOutcome> {
  const calls = libc ?? (await loadCalls())
  const tables = await loadTables(procRoot)
  const pidfd = calls?.pidfd_open(holder.pid) ?? -1
  if (calls === undefined || pidfd < 0) {
    ensureOwnPids(procRoot)
    const send = (signal: NodeJS.Signals): unknown => process.kill(holder.pid, signal)
    return sendIfSame({ holder, procRoot, tables, signals, send })
  }
  try {
    ensureSamePid(pidfd, holder.pid, procRoot)
    const send = (signal: NodeJS.Signals): void => {
      if (calls.pidfd_send_signal(pidfd, constants.signals[signal]) < 0) {
        const code = getSystemErrorName(-calls.errno())
        throw Object.assign(new Error(code), { code })
      }
    }
    return sendIfSame({ holder, procRoot, tables, signals, send })
  } finally {
    calls.close(pidfd)
  }
}

/** That the number leads to the same process by the kernel and by proc(5). */
function ensureSamePid(pidfd: number, pid: number, procRoot: string): void {
  const told = pidOf(pidfd, procRoot)
  if (told === undefined) ensureOwnPids(procRoot)
  // One that has ended meanwhile has none: it is found out by who reads its folder.
  else if (told !== -1 && told !== pid) throw otherPids(procRoot)
}

/**
 * The number that a proc(5) gives the process of a pidfd: `Pid` of its fdinfo, where it is told
 * (pidfd_show_fdinfo() in kernel/fork.c).
 */
function pidOf(pidfd: number, procRoot: string): number | undefined {
  try {
    const text = readFileSync(`${procRoot}/self/fdinfo/${pidfd}`, 'utf8')
    const [, pid] = /^Pid:\s*(-?\d+)$/m.exec(text) ?? []
    return pid === undefined ? undefined : Number(pid)
  } catch {
    return undefined
  }
}

async function loadCalls(): Promise<SignallingLibc | undefined> {
  const load = await loadLibc()
  return 'libc' in load ? load.libc : undefined
}

function sendIfSame({
  holder,
  procRoot,
  tables,
  signals,
  send,
}: {
  readonly holder: HolderIdentity
  readonly procRoot: string
  readonly tables: DescriptorTables
  readonly signals: readonly NodeJS.Signals[]
  readonly send: (signal: NodeJS.Signals) => unknown
}): SignalOutcome {
  const state = stateOfHolder(holder, { procRoot, tables })
  if (state !== 'same') return state
  try {
    for (const signal of signals) send(signal)
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return 'ended'
    if (errnoOf(error) === 'EPERM') return 'forbidden'
    throw systemError(`cannot send ${signals[0]} to process ${holder.pid}`, error)
  }
  return 'sent'
}
