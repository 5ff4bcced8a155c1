import { readlinkSync } from 'node:fs'
import { plainTables } from '../owners/descriptor-tables.ts'
import { readName, readSockets } from '../owners/descriptors.ts'
import { listProcesses } from '../owners/running-processes.ts'
import { ALL_STATES } from '../select/states.ts'
import { takeSnapshot } from '../snapshot.ts'
import type { Owner } from '../types.ts'

/** The inodes of every socket in every table of this network namespace. */
export async function listedInodes(
  procRoot: string,
  now: () => Date,
): Promise<ReadonlySet<number>> {
  const { records } = await takeSnapshot({
    wanted: {
      protocols: new Set(['tcp', 'udp', 'udplite', 'raw', 'unix', 'packet', 'netlink', 'vsock']),
      families: new Set(['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock']),
      states: new Set(ALL_STATES),
    },
    owners: false,
    procRoot,
    now,
  })
  return new Set(records.map(({ inode }) => inode))
}

/**
 * Lists the processes that hold a socket which stands in no table: it may be bound to a port without
 * listening (kernels before 6.8 do not list those, nor does /proc), or be of another kind.
 *
 * @param listed as `listedInodes` tells
 */
export function unlistedHolders(listed: ReadonlySet<number>, procRoot: string): Owner[] {
  const holders: Owner[] = []
  const network = networkOf(`${procRoot}/self`)
  for (const { pid, folder } of listProcesses(procRoot, new Set())) {
    // This process asks the kernel through a socket, and other networks have other tables.
    if (pid === process.pid || networkOf(folder) !== network) continue
    const fd = firstUnlisted(folder, listed)
    if (fd !== undefined) holders.push({ pid, fd, name: nameOf(folder) })
  }
  return holders
}

function firstUnlisted(folder: string, listed: ReadonlySet<number>): number | undefined {
  let found: number | undefined
  try {
    readSockets({ path: `${folder}/fd` }, plainTables, (inode, fd) => {
      if (!listed.has(inode)) found ??= fd
      return found !== undefined
    })
  } catch {
    // Not to be looked into, or ended meanwhile.
  }
  return found
}

function networkOf(folder: string): string | undefined {
  try {
    return readlinkSync(`${folder}/ns/net`)
  } catch {
    return undefined
  }
}

function nameOf(folder: string): string {
  try {
    return readName(folder)
  } catch {
    return '?'
  }
}
