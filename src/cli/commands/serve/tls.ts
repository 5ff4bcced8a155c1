import { isWildcard } from '../../../address.ts'
import { isSecure, secured } from '../../../endpoint/secure.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import { usageError } from '../../../errors.ts'
import { terminalText } from '../../../terminal-text.ts'
import type { IssuedCertificate } from '../../../transports/tls/issue-certificate.ts'
import type { TlsListenOptions } from '../../../transports/tls/types.ts'
import type { Context } from '../../context.ts'
import type { ServeTlsFlags } from '../serve-tls-options.ts'
import { asksForTls, readCertificates, readTlsOptions, rejectWithoutTls } from '../tls-options.ts'

/** What TLS is served with. */
export interface ServeTls {
  readonly options: TlsListenOptions
  /** The certificate that was made for this run, where none was given. */
  readonly made?: MadeCertificate
}

/** A certificate that nobody trusts yet. */
export interface MadeCertificate extends Pick<IssuedCertificate, 'ca' | 'fingerprint'> {
  readonly names: readonly string[]
  readonly notAfter: Date
}

const DAY_MS = 86_400_000

/** Long enough for a server that somebody forgets, short enough for a CA that somebody trusts. */
const VALID_MS = 7 * DAY_MS

/** A clock that is a little behind must not make it invalid. */
const CLOCK_SKEW_MS = 3_600_000

/**
 * The endpoints as `--tls` has them.
 *
 * @throws ERR_USAGE when it would have no effect
 */
export function underTls(
  endpoints: readonly Endpoint[],
  flags: ServeTlsFlags,
): readonly Endpoint[] {
  if (!asksForTls(flags)) return endpoints
  const all = endpoints.map(secured)
  if (!all.some(isSecure)) throw usageError('--tls is for TCP, and no endpoint is one of TCP')
  return all
}

/**
 * Reads the certificates, or makes one. Undefined: nothing is under TLS.
 *
 * @throws ERR_USAGE for what goes with TLS and stands without; ERR_NOT_FOUND, ERR_DENIED for files
 */
export async function readServeTls(
  flags: ServeTlsFlags & { readonly quiet?: true },
  endpoints: readonly Endpoint[],
  context: Context,
): Promise<ServeTls | undefined> {
  const { tlsName, clientCa } = flags
  if (!endpoints.some(isSecure)) {
    rejectWithoutTls(flags, { tlsName, clientCa })
    return undefined
  }
  const { cert, key, ...given } = await readTlsOptions(flags, context)
  const options = {
    ...given,
    clientCa: clientCa === undefined ? undefined : await readCertificates(clientCa),
  }
  if (cert !== undefined && key !== undefined) {
    if (flags.quiet !== true) await warnOfDates(cert, context)
    return { options: { ...options, cert, key } }
  }
  const names = namesFor(endpoints, tlsName)
  const now = context.now().getTime()
  const notAfter = new Date(now + VALID_MS)
  const { issueCertificate } = await import('../../../transports/tls/issue-certificate.ts')
  const issued = await issueCertificate({
    names,
    notBefore: new Date(now - CLOCK_SKEW_MS),
    notAfter,
  })
  const { ca, fingerprint } = issued
  return {
    options: { ...options, cert: issued.cert, key: issued.key },
    made: { ca, fingerprint, names, notAfter },
  }
}

/** Clients will say so too, but each to somebody else. */
async function warnOfDates(cert: string, { stderr, now }: Context): Promise<void> {
  const { parseCertificates } = await import('../../../transports/tls/certificate.ts')
  const { notYetValid, pastValidity } = await import('../../../transports/tls/validity.ts')
  const chain = parseCertificates(cert, '--cert')
  const past = pastValidity(chain, now())
  const early = notYetValid(chain, now())
  if (past !== undefined) {
    stderr.write(`${terminalText(`--cert: ${past}; clients will not trust it`)}\n`)
    stderr.write('  Renew it, or leave --cert and --key out: one is made for this run.\n')
  } else if (early !== undefined) {
    stderr.write(`${terminalText(`--cert: ${early}; clients will not trust it`)}\n`)
    stderr.write(`  Is the clock of this machine right? It says ${now().toISOString()}.\n`)
  }
}

function namesFor(endpoints: readonly Endpoint[], more: readonly string[] = []): readonly string[] {
  const hosts = endpoints
    .filter(isSecure)
    .flatMap(endpoint => ('host' in endpoint && endpoint.host !== undefined ? [endpoint.host] : []))
    // The zone of an address is a matter of this machine (RFC 4007 §11).
    .map(host => host.replace(/%.*$/, ''))
    .filter(host => !isWildcard(host))
  return [...new Set(['localhost', '127.0.0.1', '::1', ...hosts, ...more])]
}

/** What is said about a certificate that was made: what it is, and how somebody comes to trust it. */
export function describeMade(
  { names, fingerprint, notAfter }: MadeCertificate,
  file: string,
  port: number,
): string {
  const until = notAfter.toISOString().slice(0, 10)
  return [
    `certificate made for this run, for ${names.join(', ')}, valid until ${until}`,
    `  SHA-256 ${fingerprint}`,
    `  NODE_EXTRA_CA_CERTS=${file} node client.js`,
    `  curl --cacert ${file} https://localhost:${port}`,
    `  sockctl connect --ca ${file} tls://localhost:${port}`,
  ].join('\n')
}
