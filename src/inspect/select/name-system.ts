import { readFileSync, statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join, normalize } from 'node:path'
import { systemError } from '../../errors.ts'
import { loadLibc } from '../../native/libc.ts'
import { readLocalPorts } from '../system/local-ports.ts'
import type { NameSystem } from './names.ts'

/** The names of this machine and of its resolver. */
export const nameSystem: NameSystem = {
  async addressesOf(name) {
    const { lookup } = await import('node:dns/promises')
    try {
      return (await lookup(name, { all: true })).map(({ address }) => address)
    } catch (error) {
      throw systemError(`cannot look up the host "${name}"`, error)
    }
  },
  async interfaceIndex(name) {
    const load = await loadLibc()
    const index = 'libc' in load ? load.libc.if_nametoindex(name) : 0
    return index === 0 ? undefined : index
  },
  interfaceNames: () => Object.keys(networkInterfaces()),
  cgroupId,
  ephemeralPorts: () => readLocalPorts(process.platform),
}

/** The inode of its folder is the number of a cgroup (cgroups(7)); its path may lack the mount. */
function cgroupId(path: string): number | undefined {
  const mounts = cgroupMounts()
  const isWhole = mounts.some(mount => isWithin(path, mount))
  for (const mount of mounts) {
    const folder = isWhole ? path : join(mount, path)
    if (!isWithin(folder, mount)) continue
    const id = inodeOf(folder)
    if (id !== undefined) return id
  }
  return undefined
}

function inodeOf(folder: string): number | undefined {
  try {
    const found = statSync(folder)
    return found.isDirectory() ? found.ino : undefined
  } catch {
    return undefined
  }
}

/** Elsewhere a folder has a number that means something else. */
function isWithin(path: string, mount: string): boolean {
  return `${normalize(path)}/`.startsWith(`${mount}/`)
}

/** Where the second version of cgroups is mounted. */
function cgroupMounts(): string[] {
  const mounts = [...read('/proc/self/mounts').matchAll(/^\S+ (\S+) cgroup2 /gm)]
  return mounts.map(([, folder = '']) => folder)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
