import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/** Descriptors kept back, so that handlers can still dial, run commands and open files. */
const RESERVE = 8

/**
 * Watches how near the process is to its limit of open files (RLIMIT_NOFILE, getrlimit(2)). At the
 * limit itself libuv would take the connections that come and drop them without a word.
 */
export class DescriptorLimit {
  readonly #limit = readLimit()

  /** Whether a socket just accepted is one of the last that this process may have. */
  isNear(socket: Socket): boolean {
    return this.#isAbove(socket, RESERVE)
  }

  /** Whether it is far enough away again to say so: not at each connection that comes and goes. */
  isFar(socket: Socket): boolean {
    return !this.#isAbove(socket, 2 * RESERVE)
  }

  #isAbove(socket: Socket, reserve: number): boolean {
    // The kernel gives out the lowest number that is free, so a number tells how many are in use.
    const fd = (socket as { readonly _handle?: { readonly fd?: number } })._handle?.fd
    return fd !== undefined && fd >= this.#limit - reserve
  }
}

/** The soft limit; without one, or where /proc does not tell, none is ever near. */
function readLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
