import type { X509Certificate } from 'node:crypto'
import { formatDuration } from '../../units.ts'
import { formatName } from './certificate.ts'

/**
 * Says of a chain that one of it has expired: `its certificate has expired 2 d 0 h ago, on
 * 2026-11-26`. Undefined: none has.
 *
 * @param chain the own certificate first
 */
export function pastValidity(chain: readonly X509Certificate[], now: Date): string | undefined {
  const expired = chain.find(({ validTo }) => Date.parse(validTo) < now.getTime())
  if (expired === undefined) return undefined
  const { validTo } = expired
  const ago = formatDuration(now.getTime() - Date.parse(validTo))
  return `${which(expired, chain)} has expired ${ago} ago, on ${day(validTo)}`
}

/** Says of a chain that one of it is not yet valid, and from when on it will be. */
export function notYetValid(chain: readonly X509Certificate[], now: Date): string | undefined {
  const early = chain.find(({ validFrom }) => Date.parse(validFrom) > now.getTime())
  if (early === undefined) return undefined
  return `${which(early, chain)} is not yet valid: only from ${day(early.validFrom)} on`
}

/** A date of a certificate without its time: `2026-11-26`. */
export function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10)
}

function which(certificate: X509Certificate, [own]: readonly X509Certificate[]): string {
  return certificate === own
    ? 'its certificate'
    : `the certificate of its CA (${formatName(certificate.subject)})`
}
