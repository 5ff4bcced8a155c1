import { readFileSync } from 'node:fs'
import { SockctlError, systemError } from '../errors.ts'
import { AllowList, parseNetwork } from './allow-list.ts'

export interface NetworkFileSettings {
  /** Rules that stay, whatever the files say. */
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  /** Files with one address or network a line; a # begins a comment. */
  readonly allowFiles: readonly string[]
  readonly denyFiles: readonly string[]
}

/** An allow list of which a part stands in files, that can be read again. */
export class NetworkFiles {
  readonly #settings: NetworkFileSettings
  #list: AllowList

  /** @throws as `reload` */
  constructor(settings: NetworkFileSettings) {
    this.#settings = settings
    this.#list = readAllowList(settings)
  }

  /** Whether a peer at this literal address may in. */
  check(host: string): boolean {
    return this.#list.check(host)
  }

  /**
   * Reads all files again. When one of them cannot be understood, what held until now still holds.
   *
   * @throws ERR_USAGE with the line; ERR_NOT_FOUND, ERR_DENIED when a file cannot be read
   */
  reload(): void {
    this.#list = readAllowList(this.#settings)
  }
}

function readAllowList({ allow, deny, allowFiles, denyFiles }: NetworkFileSettings): AllowList {
  return new AllowList({
    allow: [...allow, ...allowFiles.flatMap(readNetworks)],
    deny: [...deny, ...denyFiles.flatMap(readNetworks)],
    // A file from which the last line was removed lets nobody in, not everybody.
    onlyAllowed: allow.length + allowFiles.length > 0,
  })
}

function readNetworks(file: string): string[] {
  return textOf(file)
    .split(/\r?\n/)
    .flatMap((line, index) => {
      const network = line.replace(/#.*/, '').trim()
      return network === '' ? [] : [inLine(network, `${file}, line ${index + 1}`)]
    })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw systemError(`cannot read ${file}`, error)
  }
}

function inLine(network: string, place: string): string {
  try {
    return parseNetwork(network)
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    const { code, message, hints } = error
    throw new SockctlError(code, `${place}: ${message}`, { cause: error, hints: [...hints] })
  }
}
