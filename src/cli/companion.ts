import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { formatEndpoint } from '../endpoint/format.ts'
import type { Endpoint } from '../endpoint/types.ts'
import { systemError, usageError } from '../errors.ts'

/** A command that runs next to a server, as long as it likes: `sockctl serve ... -- npm test`. */
export interface Companion {
  /** Settles with its exit code; 128 + n when signal n ended it. */
  readonly over: Promise<number>
  /** Passes a signal on, if it still runs. */
  kill(signal: NodeJS.Signals): void
}

/**
 * Starts a command that is told where the server is by `SOCKCTL_HOST`, `SOCKCTL_PORT` (or
 * `SOCKCTL_PATH`) and `SOCKCTL_URL`. It has our terminal and our streams.
 *
 * @param more what else it is told by its environment
 * @throws ERR_USAGE when it is empty; ERR_NOT_FOUND, ERR_DENIED when it cannot be started
 */
export function startCompanion(
  command: readonly string[],
  server: Endpoint,
  more: Readonly<Record<string, string>> = {},
): Promise<Companion> {
  const [file = '', ...args] = command
  if (file === '') throw usageError('the command after -- is empty')
  const child = spawn(file, args, {
    stdio: 'inherit',
    env: { ...process.env, ...whereabouts(server), ...more },
  })
  return new Promise((resolve, reject) => {
    child.once('error', error => reject(systemError(`cannot run ${file}`, error)))
    child.once('spawn', () => {
      resolve({ over: exitCodeOfChild(child), kill: signal => child.kill(signal) })
    })
  })
}

/** How long a companion may run, and what is done about it then. */
export interface CompanionLimit {
  readonly afterMs: number
  /** How long it may take to end once it was asked to. */
  readonly graceMs: number
  /** Told when it is asked. */
  readonly onTime: () => void
}

/** Asks a companion to end when its time is up (SIGTERM), and kills it after the time of grace. */
export function limitCompanion(companion: Companion, limit: CompanionLimit): void {
  let timer = setTimeout(() => {
    limit.onTime()
    companion.kill('SIGTERM')
    timer = setTimeout(() => companion.kill('SIGKILL'), limit.graceMs)
  }, limit.afterMs)
  void companion.over.then(() => clearTimeout(timer))
}

function exitCodeOfChild(child: ChildProcess): Promise<number> {
  return new Promise(resolve => {
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

function whereabouts(server: Endpoint): Record<string, string> {
  const url = { SOCKCTL_URL: formatEndpoint(server) }
  if ('port' in server) {
    return { ...url, SOCKCTL_HOST: server.host ?? '', SOCKCTL_PORT: String(server.port) }
  }
  return server.scheme === 'unix' ? { ...url, SOCKCTL_PATH: server.path } : url
}
