import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { errnoOf, SockctlError, systemError } from '../errors.ts'

/** Where execvp(3) looks when there is no PATH. */
const DEFAULT_PATH = '/usr/bin:/bin'

/**
 * Refuses a command that could not be started, before anybody connects to it. Looks where execvp(3)
 * would: in the folders of `path` for a bare name, else at the path that was given.
 *
 * @param command the program's name or path, without arguments
 * @param path what PATH says
 * @throws ERR_NOT_FOUND when there is no such command, ERR_DENIED when it is not executable
 */
export function ensureCommandExists(command: string, path: string = DEFAULT_PATH): void {
  const attempt = `cannot run "${command}"`
  const places = command.includes('/')
    ? [command]
    : path.split(delimiter).map(folder => join(folder || '.', command))
  const failures = places.map(executableFailure)
  if (command !== '' && failures.includes(undefined)) return
  const denied = failures.find(failure => errnoOf(failure) === 'EACCES')
  if (denied !== undefined) throw systemError(attempt, denied)
  throw new SockctlError('ERR_NOT_FOUND', `${attempt}: no such command`)
}

/** Why a file cannot be executed, or undefined when it can. */
function executableFailure(file: string): unknown {
  try {
    accessSync(file, constants.X_OK)
    if (statSync(file).isFile()) return undefined
    return new Error('not a file')
  } catch (error) {
    return error
  }
}
