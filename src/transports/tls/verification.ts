import type { X509Certificate } from 'node:crypto'
import { SockctlError } from '../../errors.ts'
import { formatDuration } from '../../units.ts'
import { formatName, namesOf } from './certificate.ts'

export interface Unverified {
  /** What OpenSSL (X509_STORE_CTX_get_error(3)) or Node calls it: `CERT_HAS_EXPIRED`. */
  readonly code: string
  readonly chain: readonly X509Certificate[]
  /** Who it was meant to be. */
  readonly name: string
  /** For the message: `tls://localhost:8443`. */
  readonly peer: string
  readonly side: keyof typeof OPTIONS
  readonly now: Date
}

/** Why a peer cannot be trusted, in words, and what to type. Always ERR_PROTOCOL. */
export function verificationFailure(unverified: Unverified): SockctlError {
  const { code, peer, side } = unverified
  const { reason, hint } = (CAUSES[code] ?? unknownCause)(unverified)
  return new SockctlError('ERR_PROTOCOL', `cannot trust ${peer}: ${reason}`, {
    hints: [hint, OPTIONS[side].otherwise],
  })
}

/** What to type, about whom we talk to, the proxy between, or the target of a forwarder. */
const OPTIONS = {
  client: {
    ca: '--ca',
    name: (name: string) => `--tls-name ${name}`,
    otherwise: 'To see what it shows: --show-cert. To connect all the same: --insecure',
  },
  'proxy-client': {
    ca: '--proxy-ca',
    name: (name: string) => `--proxy https://${name}`,
    otherwise: 'To connect all the same: --proxy-insecure',
  },
  'target-client': {
    ca: '--forward-ca',
    name: (name: string) => `--forward, with the host ${name}`,
    otherwise: 'To connect all the same: --forward-insecure',
  },
} as const

interface Cause {
  readonly reason: string
  readonly hint: string
}

const CAUSES: Readonly<Record<string, (unverified: Unverified) => Cause>> = {
  CERT_HAS_EXPIRED: ({ chain, now }) => {
    const expired = chain.find(one => Date.parse(one.validTo) < now.getTime())
    return {
      reason: `${which(expired, chain)} has expired${ago(expired, now)}`,
      hint: 'Who runs it has to renew it.',
    }
  },
  CERT_NOT_YET_VALID: ({ chain, now }) => {
    const early = chain.find(one => Date.parse(one.validFrom) > now.getTime())
    const since = early === undefined ? '' : `: only from ${day(early.validFrom)} on`
    return {
      reason: `${which(early, chain)} is not yet valid${since}`,
      hint: `Is the clock of this machine right? It says ${now.toISOString()}.`,
    }
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: ({ side }) => ({
    reason: 'its certificate is self-signed: nobody vouches for it',
    hint: `If it is the right one, trust it: ${OPTIONS[side].ca} <file with it>`,
  }),
  SELF_SIGNED_CERT_IN_CHAIN: ({ chain, side }) => ({
    reason: `its CA is not one that is trusted here (${issuer(chain)})`,
    hint: `If it is your own CA, trust it: ${OPTIONS[side].ca} <file with its certificate>`,
  }),
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ chain: [certificate], name, side }) => {
    const names = certificate === undefined ? [] : namesOf(certificate)
    const [first] = names
    const list = names.length === 0 ? 'no name at all' : `${shortList(names)}`
    return {
      reason: `its certificate is not for ${name}, but for ${list}`,
      hint:
        first === undefined
          ? 'It has no subjectAltName, which is where names have to be.'
          : `If that is who you mean: ${OPTIONS[side].name(first)}`,
    }
  },
  CERT_REVOKED: () => ({
    reason: 'its certificate was revoked',
    hint: 'Who runs it has to replace it.',
  }),
  INVALID_PURPOSE: () => ({
    reason: 'its certificate is not one for servers',
    hint: 'It needs the extended key usage serverAuth.',
  }),
  UNABLE_TO_GET_CERT: () => ({ reason: 'it has shown no certificate', hint: 'It needs one.' }),
}

function unknownIssuer({ chain, side }: Unverified): Cause {
  return {
    reason: `who has issued its certificate is not known here (${issuer(chain)})`,
    hint: `It does not send the certificates between, or its CA is your own: ${OPTIONS[side].ca} <file with it>`,
  }
}

function unknownCause({ code }: Unverified): Cause {
  return { reason: `its certificate does not hold (${code})`, hint: 'See openssl-verify(1).' }
}

/** Who stands at the end of the chain, and should be known. */
function issuer(chain: readonly X509Certificate[]): string {
  return formatName(chain.at(-1)?.issuer ?? '?')
}

function which(
  certificate: X509Certificate | undefined,
  [own]: readonly X509Certificate[],
): string {
  return certificate === undefined || certificate === own
    ? 'its certificate'
    : `the certificate of its CA (${formatName(certificate.subject)})`
}

function ago(certificate: X509Certificate | undefined, now: Date): string {
  if (certificate === undefined) return ''
  const { validTo } = certificate
  return ` ${formatDuration(now.getTime() - Date.parse(validTo))} ago, on ${day(validTo)}`
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10)
}

const LONGEST_LIST = 6

function shortList(names: readonly string[]): string {
  const more = names.length - LONGEST_LIST
  const shown = names.slice(0, LONGEST_LIST).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
