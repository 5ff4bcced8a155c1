import { lstatSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { systemError, usageError } from '../errors.ts'

/**
 * Makes sure that a file can be put there: renaming would put a plain file in place of a pipe or a
 * device, and has no use for a folder.
 *
 * @param what what the file is called in errors: `port file`
 * @throws ERR_USAGE
 */
export function ensureReplaceable(path: string, what: string): void {
  const attempt = `cannot replace the ${what} ${path}`
  try {
    const standing = statSync(path, { throwIfNoEntry: false })
    if (standing === undefined || standing.isFile()) return
    const reason = standing.isDirectory() ? 'that is a folder' : 'that is not a regular file'
    throw usageError(`${attempt}: ${reason}`)
  } catch (error) {
    throw systemError(attempt, error)
  }
}

/**
 * Writes a file that appears whole or not at all, in place of what stands there.
 *
 * @param options.what what the file is called in errors
 * @param options.mode its permissions, less the umask
 * @throws ERR_NOT_FOUND, ERR_DENIED, ERR_SYSTEM
 */
export function replaceFile(
  path: string,
  text: string,
  { what, mode = 0o666 }: { readonly what: string; readonly mode?: number },
): Stats {
  const unfinished = `${path}.${process.pid}`
  try {
    // In a folder where others may write, what stands there already could lead elsewhere.
    rmSync(unfinished, { force: true })
    writeFileSync(unfinished, text, { mode, flag: 'wx' })
    const file = lstatSync(unfinished)
    renameSync(unfinished, path)
    return file
  } catch (error) {
    removeLeftover(unfinished)
    throw systemError(`cannot write the ${what} ${path}`, error)
  }
}

function removeLeftover(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It could not even be made: why is being said.
  }
}
