import {
  type IssuedCertificate,
  issueCertificate,
} from '../../src/transports/tls/issue-certificate.ts'

const HOUR_MS = 3_600_000

export const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1']

/** A certificate of a CA of its own, for this machine and for an hour unless something else is said. */
export function certificateFor(
  names: readonly string[] = LOCAL_NAMES,
  {
    fromMs = -HOUR_MS,
    untilMs = HOUR_MS,
    usage,
  }: {
    /** Both counted from now. */
    readonly fromMs?: number
    readonly untilMs?: number
    readonly usage?: 'server' | 'client'
  } = {},
): Promise<IssuedCertificate> {
  const now = Date.now()
  return issueCertificate({
    names,
    notBefore: new Date(now + fromMs),
    notAfter: new Date(now + untilMs),
    usage,
  })
}
