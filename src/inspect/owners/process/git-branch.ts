import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Tells the branch of git that is checked out at or above a folder; the first digits of the commit
 * where there is no branch. Undefined where there is no repository, or it cannot be read.
 *
 * Source: gitrepository-layout(5): HEAD, and a file `.git` that names the folder of a worktree.
 *
 * @param folder as the process sees it
 * @param root where the file system of the process begins: /proc/PID/root
 */
export function findGitBranch(folder: string, root = ''): string | undefined {
  let at = folder
  for (let level = 0; level < MOST_LEVELS && at.startsWith('/'); level++) {
    const head = headOf(join(at, '.git'), root)
    if (head !== undefined) return branchOf(head)
    if (at === '/') return undefined
    at = dirname(at)
  }
  return undefined
}

/** Deeper than anybody nests projects. */
const MOST_LEVELS = 40
/** A commit, a name of a branch or a path, and nothing that is larger. */
const MOST_BYTES = 4096

function headOf(path: string, root: string): string | undefined {
  const stats = statOf(root + path)
  if (stats?.isDirectory()) return readShort(root + join(path, 'HEAD'))
  if (!stats?.isFile()) return undefined
  const [, folder] = /^gitdir: (.+)/.exec(readShort(root + path) ?? '') ?? []
  return folder === undefined ? undefined : readShort(root + resolve(dirname(path), folder, 'HEAD'))
}

function branchOf(head: string): string | undefined {
  const [, branch] = /^ref: refs\/heads\/(.+)/.exec(head) ?? []
  return branch ?? /^[\da-f]{7}/.exec(head)?.[0]
}

function readShort(path: string): string | undefined {
  try {
    // Not what only looks like a file: reading a FIFO would wait for its writer.
    const stats = statOf(path)
    return stats?.isFile() && stats.size <= MOST_BYTES ? readFileSync(path, 'utf8') : undefined
  } catch {
    return undefined
  }
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
