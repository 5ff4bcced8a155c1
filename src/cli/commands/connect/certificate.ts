import type { X509Certificate } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { closed } from '../../../channel/pump.ts'
import { formatEndpoint } from '../../../endpoint/format.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import { SockctlError } from '../../../errors.ts'
import { terminalText } from '../../../terminal-text.ts'
import { dial } from '../../../transports/index.ts'
import { formatName, namesOf } from '../../../transports/tls/certificate.ts'
import type { TlsPeer } from '../../../transports/tls/types.ts'
import { day } from '../../../transports/tls/validity.ts'
import { formatCount } from '../../../units.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import type { ConnectFlags } from '../connect.ts'
import { readDialOptions } from './options.ts'
import { readConnectTls } from './tls.ts'

const DAY_MS = 86_400_000

/**
 * Runs `sockctl connect --show-cert` and `--expect-cert-days`: shakes hands, tells on stdout who the
 * peer is, and leaves.
 *
 * @throws ERR_NOT_MET when a certificate ends too soon; ERR_PROTOCOL when the peer is not trusted,
 * unless with --insecure: but first it is told what there is
 */
export async function runCertificateCheck(
  endpoint: Endpoint,
  flags: ConnectFlags,
  context: Context,
): Promise<number> {
  let peer: TlsPeer = { chain: [], failure: undefined }
  const tls = await readConnectTls(flags, endpoint, {
    context,
    onPeer(seen) {
      peer = seen
    },
  })
  let failure: unknown
  try {
    const { duplex } = await dial(endpoint, { ...(await readDialOptions(flags, context)), tls })
    await leave(duplex)
  } catch (error) {
    if (peer.failure === undefined) throw error
    failure = error
  }
  const now = context.now()
  if (flags.showCert) context.stdout.write(describeChain(peer, now))
  if (flags.expectCertDays !== undefined) {
    const line = expectDays(peer.chain, { endpoint, days: flags.expectCertDays, now })
    if (!flags.showCert) context.stdout.write(`${terminalText(line)}\n`)
  }
  if (failure !== undefined) throw failure
  return EXIT_CODES.ok.code
}

/** In good order, so that the server has nothing to complain of; but it is not waited for for long. */
async function leave(duplex: Duplex): Promise<void> {
  duplex.on('error', () => {})
  const late = setTimeout(() => duplex.destroy(), LINGER_MS)
  duplex.resume().end()
  await closed(duplex).catch(() => {})
  clearTimeout(late)
}

const LINGER_MS = 500

function describeChain({ chain, failure }: TlsPeer, now: Date): string {
  const blocks = chain.map((certificate, index) => describe(certificate, index, now))
  const verdict = failure === undefined ? 'verified' : `not verified: ${failure.message}`
  return `${blocks.join('\n')}\n${terminalText(verdict)}\n`
}

function describe(certificate: X509Certificate, index: number, now: Date): string {
  const names = namesOf(certificate)
  const { publicKey } = certificate
  const facts: readonly (readonly [string, string])[] = [
    ['subject', formatName(certificate.subject)],
    ['issuer', formatName(certificate.issuer)],
    ...(names.length === 0 ? [] : [['names', names.join(', ')] as const]),
    [
      'valid',
      `${day(certificate.validFrom)} to ${day(certificate.validTo)}${left(certificate, now)}`,
    ],
    ['key', `${publicKey.asymmetricKeyType ?? '?'}${keySize(publicKey.asymmetricKeyDetails)}`],
    ['serial', certificate.serialNumber],
    ['sha256', certificate.fingerprint256],
  ]
  const title = index === 0 ? 'certificate of the peer' : `issued by (${index})`
  const lines = facts.map(([name, value]) => `  ${name.padEnd(8)} ${terminalText(value)}\n`)
  return `${title}\n${lines.join('')}`
}

function keySize({
  namedCurve,
  modulusLength,
}: X509Certificate['publicKey']['asymmetricKeyDetails'] = {}): string {
  if (namedCurve !== undefined) return ` ${namedCurve}`
  return modulusLength === undefined ? '' : ` ${modulusLength}`
}

function left({ validFrom, validTo }: X509Certificate, now: Date): string {
  if (Date.parse(validFrom) > now.getTime()) return ' (not yet)'
  const days = daysLeft(validTo, now)
  if (days < 0) return ' (expired)'
  return ` (${formatCount(days, 'more day')})`
}

/** Whole days; less than 0 when it has ended. */
function daysLeft(validTo: string, now: Date): number {
  return Math.floor((Date.parse(validTo) - now.getTime()) / DAY_MS)
}

/** The certificate that ends first decides: without it the others are worth nothing. */
function expectDays(
  chain: readonly X509Certificate[],
  {
    endpoint,
    days,
    now,
  }: { readonly endpoint: Endpoint; readonly days: number; readonly now: Date },
): string {
  const [first] = [...chain].sort((a, b) => Date.parse(a.validTo) - Date.parse(b.validTo))
  const peer = formatEndpoint(endpoint)
  if (first === undefined) throw new SockctlError('ERR_NOT_MET', `${peer} has no certificate`)
  const { subject, validTo } = first
  const rest = daysLeft(validTo, now)
  const which = `the certificate of ${formatName(subject)}`
  if (rest < 0) {
    throw new SockctlError('ERR_NOT_MET', `${peer}: ${which} has ended on ${day(validTo)}`)
  }
  const text = `${peer}: ${which} is valid for ${formatCount(rest, 'more day')}, to ${day(validTo)}`
  if (rest < days) throw new SockctlError('ERR_NOT_MET', `${text}; ${days} were expected`)
  return text
}
