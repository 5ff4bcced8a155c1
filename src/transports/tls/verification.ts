import type { X509Certificate } from 'node:crypto'
import { SockctlError } from '../../errors.ts'
import { formatName, namesOf } from './certificate.ts'
import { notYetValid, pastValidity } from './validity.ts'

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
  const { peer, side } = unverified
  const { reason, hint } = causeOf(unverified)
  return new SockctlError('ERR_PROTOCOL', `cannot trust ${peer}: ${reason}`, {
    hints: [hint, OPTIONS[side].otherwise],
  })
}

/** Why a client cannot be trusted that has shown a certificate, in words, and who it says it is. */
export function clientFailure(unverified: Pick<Unverified, 'code' | 'chain' | 'now'>): Error {
  const { reason } = causeOf({ ...unverified, name: '', peer: '', side: 'server' })
  const [own] = unverified.chain
  return new Error(`${formatName(own?.subject ?? '?')} may not in: ${reason}`)
}

function causeOf(unverified: Unverified): Cause {
  return (CAUSES[unverified.code] ?? unknownCause)(unverified)
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
  server: { ca: '--client-ca', name: (name: string) => name, otherwise: 'See --client-ca' },
} as const

interface Cause {
  readonly reason: string
  readonly hint: string
}

const CAUSES: Readonly<Record<string, (unverified: Unverified) => Cause>> = {
  CERT_HAS_EXPIRED: ({ chain, now }) => ({
    reason: pastValidity(chain, now) ?? 'its certificate has expired',
    hint: 'Who runs it has to renew it.',
  }),
  CERT_NOT_YET_VALID: ({ chain, now }) => ({
    reason: notYetValid(chain, now) ?? 'its certificate is not yet valid',
    hint: `Is the clock of this machine right? It says ${now.toISOString()}.`,
  }),
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
  INVALID_PURPOSE: ({ side }) => {
    const [whom, usage] = side === 'server' ? ['clients', 'clientAuth'] : ['servers', 'serverAuth']
    return {
      reason: `its certificate is not one for ${whom}`,
      hint: `It needs the extended key usage ${usage}.`,
    }
  },
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

const LONGEST_LIST = 6

function shortList(names: readonly string[]): string {
  const more = names.length - LONGEST_LIST
  const shown = names.slice(0, LONGEST_LIST).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
