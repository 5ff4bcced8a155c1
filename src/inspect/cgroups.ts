import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** More folders than this are not looked through: a container host has thousands. */
const MOST_FOLDERS = 20_000

/**
 * Makes the function that names a cgroup (cgroups(7), version 2) by its number, which is the inode of
 * its folder: `/system.slice/nginx.service`. The tree is walked when the first name is asked for.
 */
export function cgroupNames(roots = ROOTS): (id: number) => string | undefined {
  let names: ReadonlyMap<number, string> | undefined
  return id => {
    names ??= readNames(roots.find(isVersion2))
    return names.get(id)
  }
}

/** Alone, or beside version 1, whose folders have numbers of their own. */
const ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']

function isVersion2(root: string): boolean {
  return existsSync(join(root, 'cgroup.controllers'))
}

function readNames(root: string | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  if (root === undefined) return names
  const queue = ['/']
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const folder = join(root, path)
    const inode = inodeOf(folder)
    if (inode === undefined) continue
    names.set(inode, path)
    if (names.size >= MOST_FOLDERS) break
    for (const name of foldersIn(folder)) queue.push(join(path, name))
  }
  return names
}

/** A cgroup may go while the tree is walked, and no system but Linux has one. */
function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}
