import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'
import { hasSocketsInStates } from './sockets-in-states.ts'

/** A network namespace of its own in which ports are taken for every reason: see the fixture. */
export interface TakenPorts {
  readonly pid: number
  readonly ports: Readonly<Record<string, number>>
  readonly pids: Readonly<Record<string, number>>
  /** What to put before a command so that it runs in there. */
  readonly inside: readonly string[]
  close(): Promise<void>
}

/** Whether this machine and user can make them: skip by name without it. */
export const hasTakenPorts = hasSocketsInStates && process.getuid?.() === 0

/** A folder with a name that would move the cursor, and begin a row of its own. */
const HOSTILE_FOLDER = '\u001b[2Jevil\n  listens  1.1.1.1:1'

/** Makes them with `test/fixtures/ports.py`. */
export async function takenPorts(): Promise<TakenPorts> {
  const folder = mkdtempSync(join(tmpdir(), 'sockctl-ports-'))
  const hostile = join(folder, HOSTILE_FOLDER)
  mkdirSync(hostile)
  writeFileSync(join(hostile, 'package.json'), '{"name": "shop"}')
  const child = spawn('unshare', ['-n', 'python3', 'test/fixtures/ports.py', hostile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'close')
      child.stdin.end()
      await within(5000, 'the end of the ports', ended)
    }
    rmSync(folder, { recursive: true })
  }
  try {
    const [line] = await within(15_000, 'the ports', once(createInterface(child.stdout), 'line'))
    const { pid, ports, pids } = JSON.parse(line)
    return { pid, ports, pids, inside: ['nsenter', '-t', `${pid}`, '-n'], close }
  } catch (error) {
    await close()
    throw error
  }
}
