import { SockctlError } from '../../../errors.ts'
import type { Wanted, Warning } from '../../types.ts'
import { inodelessRecord } from '../inodeless-record.ts'
import type { RunCommand } from '../run-command.ts'
import type { Listing } from '../types.ts'
import { parseWindowsNetstat } from './netstat-table.ts'
import type { WindowsRow } from './table-rows.ts'
import { parseTaskNames } from './task-names.ts'

/** The folder of the system's own programs and libraries, which others may not write to. */
export function systemFolder(): string {
  return `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32`
}

/**
 * Lists the sockets of Windows by its netstat.
 *
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when netstat does not answer as it should
 */
export async function listByNetstat(wanted: Wanted, run: RunCommand): Promise<Listing> {
  ensureInternet(wanted)
  const text = await run(`${systemFolder()}\\netstat.exe`, ['-ano'])
  const { rows, unknown } = parseWindowsNetstat(text)
  if (rows.length + unknown === 0) {
    throw new SockctlError('ERR_SYSTEM', 'cannot list sockets: netstat -ano shows none at all')
  }
  const listing = await withNames(rows, run)
  if (unknown === 0) return listing
  const which = unknown === 1 ? 'a line of netstat was' : `${unknown} lines of netstat were`
  const message = `${which} not understood and left out: states in a language that is not known`
  return { ...listing, warnings: [...listing.warnings, { code: 'incomplete', message }] }
}

/** Makes records of rows, with the names that tasklist has for their processes. */
export async function withNames(rows: readonly WindowsRow[], run: RunCommand): Promise<Listing> {
  const warnings: Warning[] = [LIMITED]
  const text = await run(`${systemFolder()}\\tasklist.exe`, ['/fo', 'csv', '/nh']).catch(
    (error: unknown) => {
      if (!(error instanceof SockctlError)) throw error
      const message = `${error.message}; names of processes are left out`
      warnings.push({ code: 'source-limited', message })
      return ''
    },
  )
  const names = parseTaskNames(text)
  const records = rows.map(row => {
    const { pid } = row
    const owners = pid === 0 ? [] : [{ pid, fd: undefined, name: names.get(pid) ?? '?' }]
    return inodelessRecord({ ...row, owners })
  })
  return { records, warnings }
}

/** @throws ERR_UNSUPPORTED when only sockets are wanted that Windows has no list of */
export function ensureInternet({ protocols }: Wanted): void {
  if (protocols.has('tcp') || protocols.has('udp')) return
  const which = [...protocols].join(' or ')
  throw new SockctlError('ERR_UNSUPPORTED', `Windows has no list of ${which} sockets`)
}

const LIMITED: Warning = {
  code: 'source-limited',
  message:
    'Windows does not show unix sockets, queues, timers, other ends of UDP, and more than one process of a socket',
}
