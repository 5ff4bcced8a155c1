import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemError } from '../errors.ts'

/** The certificate of a CA, in a file for those who are to trust it. */
export interface TrustFile {
  readonly path: string
  /** The same for NODE_EXTRA_CA_CERTS, which names one file: with what stood in that one before. */
  readonly extraPath: string
  /** Removes it, and its folder. Never throws. */
  remove(): void
}

/**
 * Writes the certificate of a CA into a folder of its own that only this user can enter (mkdtemp(3)
 * makes it so): nobody else can put another in its place.
 *
 * @param ca in PEM
 * @param extra the file that NODE_EXTRA_CA_CERTS names already
 * @throws ERR_DENIED, ERR_SYSTEM when it cannot be written
 */
export function writeTrustFile(ca: string, extra: string | undefined): TrustFile {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
    const write = (name: string, text: string): string => {
      const path = join(folder, name)
      writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
      return path
    }
    const path = write('ca.pem', ca)
    const others = extra === undefined ? undefined : readIfThere(extra)
    return {
      path,
      extraPath: others === undefined ? path : write('extra-ca.pem', `${others}\n${ca}`),
      remove: () => rmSync(folder, { recursive: true, force: true }),
    }
  } catch (error) {
    throw systemError('cannot write the certificate of the CA', error)
  }
}

/** Node too does without a file that it cannot read. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
