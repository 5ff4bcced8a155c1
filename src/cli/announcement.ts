import {
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { Address } from '../address.ts'
import { systemError, usageError } from '../errors.ts'
import { ensureReadyDescriptor, writeToReadyDescriptor } from './ready-descriptor.ts'

/** Where a script wants to be told that we listen, and on which port. */
export interface AnnouncementFlags {
  readonly portFile?: string | undefined
  readonly readyFd?: number | undefined
}

/**
 * What scripts are told: one port (or unix path) per line, once connections are accepted.
 *
 * What stands in the port file is left alone until we listen: it may be that of a server which has
 * the address, and lives. So the file of a run that was killed stands until then too. Removing it
 * sooner would not help: the script could have read it before we were running.
 */
export class Announcement {
  readonly #flags: AnnouncementFlags
  #ours: { readonly file: Stats; readonly text: string } | undefined

  /**
   * @throws ERR_USAGE where the port file is to stand in place of a folder, a pipe or a device, and
   * where the descriptor is not open for writing
   */
  constructor(flags: AnnouncementFlags) {
    this.#flags = flags
    if (flags.portFile !== undefined) ensureReplaceable(flags.portFile)
    if (flags.readyFd !== undefined) ensureReadyDescriptor(flags.readyFd)
  }

  /**
   * Tells the scripts. The file appears whole, in place of what stood there; the descriptor is closed
   * after, unless it is stdout or stderr.
   *
   * @throws ERR_NOT_FOUND, ERR_DENIED, ERR_SYSTEM when it cannot be written
   */
  publish(addresses: readonly Address[]): void {
    const places = addresses.map(one => (one.family === 'unix' ? one.path : String(one.port)))
    // Both loopbacks stand on one port: it is said once.
    const text = [...new Set(places)].map(place => `${place}\n`).join('')
    const { portFile, readyFd } = this.#flags
    if (portFile !== undefined) this.#ours = { file: replaceFile(portFile, text), text }
    if (readyFd !== undefined) writeToReadyDescriptor(readyFd, text)
  }

  /** Removes the port file, if it is still the one that was published. */
  withdraw(): void {
    const { portFile } = this.#flags
    const ours = this.#ours
    if (portFile === undefined || ours === undefined) return
    this.#ours = undefined
    try {
      const now = lstatSync(portFile)
      const isSame = now.ino === ours.file.ino && now.dev === ours.file.dev
      // A number that became free may have gone to the next file.
      if (isSame && readFileSync(portFile, 'utf8') === ours.text) rmSync(portFile)
    } catch {
      // It has gone, or may no longer be touched: nobody is helped by a failure at the very end.
    }
  }
}

/** Renaming would put a plain file in place of a pipe or a device, and has no use for a folder. */
function ensureReplaceable(path: string): void {
  const attempt = `cannot replace the port file ${path}`
  try {
    const standing = statSync(path, { throwIfNoEntry: false })
    if (standing === undefined || standing.isFile()) return
    const what = standing.isDirectory() ? 'that is a folder' : 'that is not a regular file'
    throw usageError(`${attempt}: ${what}`)
  } catch (error) {
    throw systemError(attempt, error)
  }
}

/** Writes a file that appears whole or not at all. */
function replaceFile(path: string, text: string): Stats {
  const unfinished = `${path}.${process.pid}`
  try {
    writeFileSync(unfinished, text)
    const file = lstatSync(unfinished)
    renameSync(unfinished, path)
    return file
  } catch (error) {
    removeLeftover(unfinished)
    throw systemError(`cannot write the port file ${path}`, error)
  }
}

function removeLeftover(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It could not even be made: why is being said.
  }
}
