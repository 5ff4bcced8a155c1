import { closeSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import type { Address } from '../address.ts'
import { errnoOf, systemError } from '../errors.ts'

/** Where a script wants to be told that we listen, and on which port. */
export interface Announcement {
  readonly portFile?: string | undefined
  readonly readyFd?: number | undefined
}

/**
 * Removes the port file of an earlier run, which would say "ready" too soon.
 *
 * @throws ERR_USAGE when it is a folder; ERR_NOT_FOUND, ERR_DENIED, ERR_SYSTEM when it has to stay
 */
export function withdraw({ portFile }: Announcement): void {
  if (portFile === undefined) return
  try {
    unlinkSync(portFile)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw systemError(`cannot replace the port file ${portFile}`, error)
  }
}

/**
 * Tells the scripts: one port (or unix path) per line. The file appears whole or not at all, and
 * only when connections are accepted; the descriptor is closed after.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED, ERR_SYSTEM when it cannot be written
 */
export async function announce(
  addresses: readonly Address[],
  { portFile, readyFd }: Announcement,
): Promise<void> {
  const places = addresses.map(one => (one.family === 'unix' ? one.path : String(one.port)))
  // Both loopbacks stand on one port: it is said once.
  const text = [...new Set(places)].map(place => `${place}\n`).join('')
  if (portFile !== undefined) {
    const unfinished = `${portFile}.${process.pid}`
    try {
      writeFileSync(unfinished, text)
      renameSync(unfinished, portFile)
    } catch (error) {
      throw systemError(`cannot write the port file ${portFile}`, error)
    }
  }
  if (readyFd !== undefined) {
    try {
      writeSync(readyFd, text)
      closeSync(readyFd)
    } catch (error) {
      throw systemError(`cannot write to descriptor ${readyFd}`, error)
    }
  }
}
