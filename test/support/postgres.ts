import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, startPeer } from './peer-process.ts'
import { hasPeer } from './peers.ts'

const run = promisify(execFile)

export const NOBODY = 65534

/** Whether a PostgreSQL can run here: it does not run as root, and root alone can be somebody else. */
export function canRunPostgres(): boolean {
  return process.getuid?.() === 0 && hasPeer('pg_ctlcluster')
}

export interface Postgres {
  /** Of 127.0.0.1. Its superuser is alice, who needs no password. */
  readonly port: number
  /** Its unix socket. */
  readonly path: string
}

/**
 * Starts a PostgreSQL with a database of its own. `killPeersAfterEach` ends it.
 *
 * @param folder where it may write; somebody else has to be able to enter it
 * @param settings more of postgresql.conf
 */
export async function startPostgres(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Postgres> {
  const programs = newestPrograms()
  const data = join(folder, 'pg')
  chmodSync(folder, 0o755)
  mkdirSync(data)
  chownSync(data, NOBODY, NOBODY)
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  const [file = '', ...rest] = asNobody
  const init = [join(programs, 'initdb'), '-D', data, '-A', 'trust', '-U', 'alice', '--no-sync']
  await run(file, [...rest, ...init])
  const port = await freePort()
  const all = {
    port: `${port}`,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: data,
    fsync: 'off',
    ...settings,
  }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = [join(programs, 'postgres'), '-D', data, ...flags]
  await startPeer([...asNobody, ...server], /ready to accept connections/)
  return { port, path: join(data, `.s.PGSQL.${port}`) }
}

/** Where Debian has what belongs to one version of PostgreSQL. */
function newestPrograms(): string {
  const root = '/usr/lib/postgresql'
  const [version = ''] = readdirSync(root).sort().reverse()
  return join(root, version, 'bin')
}
