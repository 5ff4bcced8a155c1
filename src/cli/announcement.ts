import { lstatSync, readFileSync, rmSync, type Stats } from 'node:fs'
import type { Address } from '../address.ts'
import { ensureReadyDescriptor, writeToReadyDescriptor } from './ready-descriptor.ts'
import { ensureReplaceable, replaceFile } from './replace-file.ts'

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
    if (flags.portFile !== undefined) ensureReplaceable(flags.portFile, 'port file')
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
    if (portFile !== undefined) {
      this.#ours = { file: replaceFile(portFile, text, { what: 'port file' }), text }
    }
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
