import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Walks the cgroups of this machine, once, and gives the path of each by its number, which is that of
 * its folder: what sock_diag(7) calls the cgroup of a socket.
 *
 * @param root where cgroup2 is mounted; undefined: nowhere
 */
export function readCgroupTree(root: string | undefined): ReadonlyMap<number, string> {
  const paths = new Map<number, string>()
  if (root !== undefined) walk(root, '/', paths)
  return paths
}

/**
 * Finds where cgroup2 is mounted: /sys/fs/cgroup, or beside version 1 /sys/fs/cgroup/unified.
 *
 * @param procRoot where proc(5) is mounted
 */
export function findCgroupRoot(procRoot: string): string | undefined {
  try {
    const text = readFileSync(`${procRoot}/self/mounts`, 'utf8')
    return /^\S+ (\S+) cgroup2 /m.exec(text)?.[1]
  } catch {
    return undefined
  }
}

/** The number of a cgroup; undefined when it has ended, or lies outside what can be seen here. */
export function cgroupIdAt(root: string, path: string): number | undefined {
  try {
    return statSync(join(root, path)).ino
  } catch {
    return undefined
  }
}

function walk(root: string, path: string, paths: Map<number, string>): void {
  const folder = join(root, path)
  try {
    paths.set(statSync(folder).ino, path)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(root, join(path, entry.name), paths)
    }
  } catch {
    // It has ended meanwhile.
  }
}
