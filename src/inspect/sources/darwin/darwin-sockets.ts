import { formatAddress } from '../../../address.ts'
import { SockctlError } from '../../../errors.ts'
import type { SocketRecord, SocketState, Wanted, Warning } from '../../types.ts'
import { inodelessRecord } from '../inodeless-record.ts'
import type { RunCommand } from '../run-command.ts'
import type { Listing } from '../types.ts'
import { type AcceptQueue, type AcceptQueues, parseAcceptQueues } from './accept-queues.ts'
import { holdersByAddress, holdersByDevice } from './holders.ts'
import { type LsofSocket, parseLsof } from './lsof-fields.ts'
import { type NetstatRow, parseNetstatTable } from './netstat-table.ts'
import { parseProcessNames } from './process-names.ts'
import { parseUnixRows, type UnixRow } from './unix-table.ts'

/** Where macOS has them: both are protected by the system. */
const NETSTAT = '/usr/sbin/netstat'
const LSOF = '/usr/sbin/lsof'
const PS = '/bin/ps'

/**
 * Lists the sockets of macOS: netstat has them all, lsof adds who else holds them and by which
 * descriptors. Without netstat there is no answer; without the others it says less, and what.
 *
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when netstat does not answer as it should
 */
export async function listDarwinSockets(wanted: Wanted, run: RunCommand): Promise<Listing> {
  const warnings: Warning[] = [LIMITED]
  const rows: NetstatRow[] = []
  const blank: string[] = []
  for (const protocol of ['tcp', 'udp'] as const) {
    if (!wanted.protocols.has(protocol)) continue
    const text = await run(NETSTAT, ['-anvl', '-p', protocol])
    const table = parseNetstatTable(text)
    if (text.trim() === '') blank.push(protocol)
    else if (!table.hasHeading) throw strange(`${NETSTAT} -anvl -p ${protocol}`)
    for (const row of table.rows) rows.push(row)
    if (table.unknown > 0) warnings.push(incomplete(table.unknown))
  }
  // The heading comes with the first socket: of one protocol there may be none, of both hardly.
  if (blank.length > 0 && rows.length === 0) throw strange(`${NETSTAT} -anvl -p ${blank[0]}`)
  const unix = wanted.protocols.has('unix') ? await listUnix(run) : []
  if (unix === undefined) {
    if (wanted.protocols.size === 1) throw strange(`${NETSTAT} -anf unix`)
    warnings.push({ code: 'incomplete', message: UNIX_LEFT_OUT })
  }

  const extra = async <T>(what: string, file: string, args: string[], parse: (text: string) => T) =>
    run(file, args, { fine: file === LSOF ? [1] : [] }).then(parse, (error: unknown) => {
      if (!(error instanceof SockctlError)) throw error
      warnings.push({ code: 'source-limited', message: `${error.message}; ${what} are left out` })
      return undefined
    })
  const sockets = (await extra('descriptors', LSOF, LSOF_ARGS, parseLsof)) ?? []
  const queues = await extra('accept queues', NETSTAT, ['-Lan'], parseAcceptQueues)
  const isNameless = rows.some(({ pid, name }) => pid && name === undefined)
  const names = isNameless
    ? await extra('names of processes', PS, ['-axo', 'pid=,comm='], parseProcessNames)
    : undefined

  const holdersOf = holdersByAddress(rows, sockets, pid => names?.get(pid))
  const records = rows.map(row =>
    inodelessRecord({ ...row, ...queuesOf(row, queues), owners: holdersOf(row) }),
  )
  return { records: [...records, ...unixRecords(unix ?? [], sockets, queues)], warnings }
}

/** lsof ends with 1 when it found nothing, and when it found only a part of what was asked for. */
const LSOF_ARGS = ['-nP', '+c', '0', '-iTCP', '-iUDP', '-U', '-F', 'pcftPnd']

async function listUnix(run: RunCommand): Promise<UnixRow[] | undefined> {
  return parseUnixRows(await run(NETSTAT, ['-anf', 'unix']))
}

/** What netstat counts in bytes says nothing of a listener. */
function queuesOf(row: NetstatRow, queues: AcceptQueues | undefined) {
  if (row.state !== 'listen') return {}
  return queueColumns(queues?.tcp.get(formatAddress(row.local)))
}

function queueColumns(queue: AcceptQueue | undefined) {
  return { receiveQueue: queue?.waiting, sendQueue: queue?.limit }
}

/** netstat does not tell the states of unix sockets; who listens is in the list of accept queues. */
function unixRecords(
  rows: readonly UnixRow[],
  sockets: readonly LsofSocket[],
  queues: AcceptQueues | undefined,
): SocketRecord[] {
  const holdersOf = holdersByDevice(sockets)
  const byAddress = new Map(rows.map(row => [row.address, row]))
  return rows.map(row => {
    const { address, peer, type, path } = row
    const listens = peer === undefined && path !== '' && queues?.unix.has(path) === true
    const state: SocketState = listens
      ? 'listen'
      : peer === undefined
        ? 'unconnected'
        : 'established'
    const peerPath = byAddress.get(peer ?? '')?.path
    return inodelessRecord({
      protocol: 'unix',
      family: 'unix',
      state,
      local: { family: 'unix', path },
      remote: peerPath === undefined ? undefined : { family: 'unix', path: peerPath },
      receiveQueue: row.receiveQueue,
      sendQueue: row.sendQueue,
      ...(listens && queueColumns(queues?.unix.get(path))),
      unix: { type, peerInode: undefined },
      owners: holdersOf(address),
    })
  })
}

const LIMITED: Warning = {
  code: 'source-limited',
  message:
    'netstat and lsof do not show users, timers and cookies; without root only one process of a socket of other users',
}

const UNIX_LEFT_OUT =
  'unix sockets are left out: this netstat shows them in a way that is not known'

function incomplete(count: number): Warning {
  const which = count === 1 ? 'a line of netstat was' : `${count} lines of netstat were`
  return { code: 'incomplete', message: `${which} not understood and left out` }
}

function strange(line: string): SockctlError {
  return new SockctlError('ERR_SYSTEM', `cannot list sockets: ${line} has no heading that is known`)
}
