import { portOf } from '../ends.ts'
import type { Ownership, OwnershipOf } from '../explain/ownership.ts'
import type { Owner, SocketRecord } from '../types.ts'

/** What stands on a local port, told apart by whether it keeps the port and whether it may be ended. */
export interface PortUse {
  readonly port: number
  /** Those that hold the port for whoever comes: TCP listeners, what is only bound, UDP without a peer. */
  readonly doors: readonly SocketRecord[]
  /** Connections that have it at their local end. */
  readonly connections: readonly SocketRecord[]
  /** What is left of connections, and no process's. */
  readonly remains: readonly SocketRecord[]
}

/** Sorts the sockets that have this port at their local end. */
export function portUse(port: number, records: readonly SocketRecord[]): PortUse {
  const here = records.filter(({ local }) => portOf(local) === port)
  const remains = here.filter(({ state }) => state === 'time-wait')
  const doors = here.filter(isDoor)
  const connections = here.filter(one => !isDoor(one) && one.state !== 'time-wait')
  return { port, doors, connections, remains }
}

/** Whether a socket waits for whoever comes, or keeps its port without doing so. */
export function isDoor({ state }: SocketRecord): boolean {
  return state === 'listen' || state === 'bound-inactive' || state === 'unconnected'
}

/** Several ports that the same processes hold: they are freed together or not at all. */
export interface DoorGroup {
  readonly doors: readonly SocketRecord[]
  /** Every process that holds one of them, the most likely first. */
  readonly holders: readonly DoorHolder[]
  /** Doors that nobody is seen to hold, and why. */
  readonly unheld: readonly Exclude<Ownership, { kind: 'held' }>[]
}

export interface DoorHolder {
  readonly pid: number
  readonly name: string
  readonly inodes: ReadonlySet<number>
  readonly doors: readonly SocketRecord[]
}

/** Puts doors together that have a holder in common, so that each process is asked about once. */
export function groupDoors(
  doors: readonly SocketRecord[],
  ownershipOf: OwnershipOf,
): readonly DoorGroup[] {
  const groups: { doors: SocketRecord[]; owners: Map<number, Owner>; ownerships: Ownership[] }[] =
    []
  for (const door of doors) {
    const ownership = ownershipOf(door)
    const owners = ownership.kind === 'held' ? ownership.owners : []
    const met = groups.filter(group => owners.some(({ pid }) => group.owners.has(pid)))
    const group = {
      doors: [...met.flatMap(one => one.doors), door],
      owners: new Map([
        ...met.flatMap(one => [...one.owners]),
        ...owners.map(owner => [owner.pid, owner] as const),
      ]),
      ownerships: [...met.flatMap(one => one.ownerships), ownership],
    }
    for (const one of met) groups.splice(groups.indexOf(one), 1)
    groups.push(group)
  }
  return groups.map(({ doors: together, owners, ownerships }) => ({
    doors: together,
    holders: [...owners.values()].map(owner => holderOf(owner, together, ownershipOf)),
    unheld: ownerships.filter(one => one.kind !== 'held'),
  }))
}

function holderOf(
  { pid, name }: Owner,
  doors: readonly SocketRecord[],
  ownershipOf: OwnershipOf,
): DoorHolder {
  const held = doors.filter(door => {
    const ownership = ownershipOf(door)
    return ownership.kind === 'held' && ownership.owners.some(owner => owner.pid === pid)
  })
  return { pid, name, doors: held, inodes: new Set(held.map(({ inode }) => inode)) }
}
