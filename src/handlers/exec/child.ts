import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, systemError } from '../../errors.ts'

/** Windows has no groups of processes: there a command is on its own. */
const HAS_GROUPS = process.platform !== 'win32'

/** How often it is looked whether a group of processes is gone: nobody is told. */
const LOOK_MS = 20

export interface ChildSettings {
  /** The program and its arguments, as execvp(3) takes them. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Handed down where it has a descriptor, else written to. Never closed. */
  readonly stderr: Writable & { readonly fd?: number }
}

/** How a command ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Starts a command as the leader of a process group of its own (setsid(2)): signals reach all that
 * it starts, and those of our terminal do not reach it.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED, ERR_SYSTEM when it does not start
 */
export async function startChild({ command, env, stderr }: ChildSettings): Promise<Child> {
  const [program = '', ...args] = command
  try {
    const child = spawn(program, args, {
      env,
      stdio: ['pipe', 'pipe', stderr.fd ?? 'pipe'],
      detached: HAS_GROUPS,
    })
    await once(child, 'spawn')
    child.stderr?.on('data', chunk => stderr.write(chunk))
    return new Child(child)
  } catch (error) {
    throw systemError(`cannot run "${program}"`, error)
  }
}

/** A running command with pipes to and from it. */
export class Child {
  readonly stdin: Writable
  readonly stdout: Readable
  /** Settles when the command has left and its output was read to the end. Never rejects. */
  readonly over: Promise<Exit>
  /** As kill(2) takes it: minus the leader's pid. */
  readonly #group: number
  #isOver = false

  constructor(child: ChildProcess) {
    const { pid, stdin, stdout } = child
    if (pid === undefined || stdin === null || stdout === null) throw new Error('not a live child')
    this.#group = HAS_GROUPS ? -pid : pid
    this.stdin = stdin
    this.stdout = stdout
    this.over = new Promise(resolve => {
      child.once('close', (code, signal) => {
        this.#isOver = true
        resolve({ code, signal })
      })
    })
  }

  /** Waits for the command to leave by itself. */
  async leavesWithin(ms: number): Promise<boolean> {
    const waiting = new AbortController()
    await Promise.race([this.over, sleep(ms, undefined, waiting).catch(() => {})])
    waiting.abort()
    return this.#isOver
  }

  /**
   * Ends the command and what it has started and left in its group: SIGTERM, and SIGKILL for those
   * that are still there after `graceMs`. Returns the signal that the command itself went by.
   */
  async terminate(graceMs: number): Promise<'SIGTERM' | 'SIGKILL'> {
    this.stdin.destroy()
    this.stdout.destroy()
    this.#signal('SIGTERM')
    if (await this.#isGoneWithin(graceMs)) return 'SIGTERM'
    const hasLeft = this.#isOver
    this.#signal('SIGKILL')
    await this.over
    return hasLeft ? 'SIGTERM' : 'SIGKILL'
  }

  async #isGoneWithin(ms: number): Promise<boolean> {
    const deadline = performance.now() + ms
    while (!this.#isOver || this.#signal(0)) {
      if (performance.now() >= deadline) return false
      await sleep(LOOK_MS)
    }
    return true
  }

  /** Signals the whole group, which may outlive its leader. False when nobody is left in it. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(this.#group, signal)
    } catch (error) {
      // What has changed its user (EPERM) is there, and goes when its pipes are closed, or not.
      return errnoOf(error) !== 'ESRCH'
    }
  }
}
