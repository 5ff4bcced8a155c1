import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../errors.ts'
import type { Owner } from '../types.ts'

/** Who holds the sockets that were asked about. */
export interface OwnerSearch {
  /** Every holder by inode. Sockets without a holder that could be seen are not in it. */
  readonly owners: ReadonlyMap<number, readonly Owner[]>
  /** How many processes this user may not look into. */
  readonly deniedProcesses: number
}

/**
 * Finds every process that holds one of these sockets, by reading what each descriptor of each
 * process stands for. Processes that end meanwhile are left out.
 *
 * @param inodes of the sockets, as in `socket:[inode]`
 * @param procRoot where proc(5) is mounted
 */
export function findOwners(inodes: ReadonlySet<number>, procRoot: string): OwnerSearch {
  const owners = new Map<number, Owner[]>()
  let deniedProcesses = 0
  if (inodes.size === 0) return { owners, deniedProcesses }
  for (const pid of readdirSync(procRoot)) {
    if (!/^\d+$/.test(pid)) continue
    try {
      scanDescriptors(`${procRoot}/${pid}`, Number(pid), inodes, owners)
    } catch (error) {
      if (errnoOf(error) === 'EACCES') deniedProcesses++
    }
  }
  return { owners, deniedProcesses }
}

function scanDescriptors(
  folder: string,
  pid: number,
  inodes: ReadonlySet<number>,
  owners: Map<number, Owner[]>,
): void {
  let name: string | undefined
  for (const fd of readdirSync(`${folder}/fd`)) {
    const target = readlinkSync(`${folder}/fd/${fd}`)
    if (!target.startsWith('socket:[')) continue
    const inode = Number(target.slice(8, -1))
    if (!inodes.has(inode)) continue
    name ??= readFileSync(`${folder}/comm`, 'utf8').slice(0, -1)
    const owner = { pid, fd: Number(fd), name }
    const known = owners.get(inode)
    if (known === undefined) owners.set(inode, [owner])
    else known.push(owner)
  }
}
