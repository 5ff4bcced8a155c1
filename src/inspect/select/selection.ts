import { portOf, type SocketEnd } from '../ends.ts'
import type { Owner, SocketRecord, Wanted } from '../types.ts'
import type { PortRange } from './ports.ts'

/** Which sockets to show: every part must hold; an empty list leaves its part open. */
export interface Selection extends Wanted {
  /** At either end. */
  readonly ports: readonly PortRange[]
  /** Processes by number: those that hold the socket. */
  readonly pids: readonly number[]
  /** Processes by name. */
  readonly processes: readonly string[]
}

/** The kernel cuts the name of a process to this many bytes (TASK_COMM_LEN less its NUL). */
const LONGEST_NAME = 15

/** Makes the test that the selected records pass, as far as a record alone can tell. */
export function recordFilter(selection: Selection): (record: SocketRecord) => boolean {
  const { protocols, families, states, ports } = selection
  return record =>
    states.has(record.state) &&
    protocols.has(record.protocol) &&
    families.has(record.family) &&
    (ports.length === 0 || hasPort(ports, record.local) || hasPort(ports, record.remote))
}

/** Whether the selection asks who holds a socket. */
export function asksForOwners({ pids, processes }: Selection): boolean {
  return pids.length > 0 || processes.length > 0
}

/** Makes the test that a holder of the selected sockets passes. */
export function ownerFilter({ pids, processes }: Selection): (owner: Owner) => boolean {
  const names = processes.map(shortName)
  return owner =>
    (pids.length === 0 || pids.includes(owner.pid)) &&
    (names.length === 0 || names.includes(owner.name))
}

/** A name as the kernel keeps it: long ones lose their end. */
function shortName(name: string): string {
  const bytes = Buffer.from(name)
  return bytes.length <= LONGEST_NAME ? name : bytes.toString('utf8', 0, LONGEST_NAME)
}

function hasPort(ranges: readonly PortRange[], end: SocketEnd | undefined): boolean {
  const port = portOf(end)
  return port !== undefined && ranges.some(({ first, last }) => port >= first && port <= last)
}
