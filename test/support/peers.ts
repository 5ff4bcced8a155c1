import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether a real counterpart (`ncat`, `ss`) is on this machine. Its tests are skipped by name where
 * it is not; with SOCKCTL_REQUIRE_PEERS=1, as in CI, a missing one fails the run instead.
 */
export function hasPeer(command: string): boolean {
  const found = (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (!found && process.env.SOCKCTL_REQUIRE_PEERS === '1') {
    throw new Error(`${command} is required here and is not on the PATH`)
  }
  return found
}

/** The same for a part of one that is packaged by itself: a module of nginx, by its path. */
export function hasPeerFile(path: string): boolean {
  const isThere = existsSync(path)
  if (!isThere && process.env.SOCKCTL_REQUIRE_PEERS === '1') {
    throw new Error(`${path} is required here`)
  }
  return isThere
}

/**
 * The Python that has a module, as a command; undefined where none has. The system's packages are
 * those of its own Python, which need not be the first on the PATH.
 */
export function pythonWith(module: string): string | undefined {
  const found = ['python3', '/usr/bin/python3'].find(
    python => spawnSync(python, ['-c', `import ${module}`]).status === 0,
  )
  if (found === undefined && process.env.SOCKCTL_REQUIRE_PEERS === '1') {
    throw new Error(`the module ${module} of Python is required here`)
  }
  return found
}
