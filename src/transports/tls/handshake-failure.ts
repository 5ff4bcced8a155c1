import { guessProtocol, isClientHello, quoteFirstLine } from '../../channel/first-bytes.ts'
import { errnoOf, SockctlError } from '../../errors.ts'
import type { TlsSide } from './types.ts'

/**
 * What a failure of TLS means, where it is one: a reason of few words, and what to type about it.
 * Undefined for what the system has reported, and for bugs.
 */
export function tlsReason(error: unknown, side: TlsSide): TlsReason | undefined {
  const found = reasonOf(error, side)
  // The options are about our own end, not about a proxy or a target.
  const hasOptions = side === 'client' || side === 'server'
  return found === undefined || hasOptions ? found : { reason: found.reason }
}

interface TlsReason {
  readonly reason: string
  readonly hint?: string | undefined
}

function reasonOf(error: unknown, side: TlsSide): TlsReason | undefined {
  const code = errnoOf(error) ?? ''
  if (!/^ERR_SSL_/.test(code)) return undefined
  const alert = /^ERR_SSL_(?:.*ALERT_|TLSV1_)([A-Z_]+)$/.exec(code)?.[1]
  if (alert !== undefined) {
    const name = alert.toLowerCase()
    const known = (side === 'server' ? CLIENT_ALERTS : SERVER_ALERTS)[name]
    const words = `alert ${name.replaceAll('_', ' ')}`
    return { reason: known === undefined ? words : `${known[0]} (${words})`, hint: known?.[1] }
  }
  const own = OWN_REASONS.find(([pattern]) => pattern.test(code))
  if (own !== undefined) return { reason: own[1], hint: own[2] }
  // OpenSSL's own few words, without the file and line that its message has.
  const reason = error instanceof Error && 'reason' in error ? String(error.reason) : code
  return { reason }
}

type Meanings = Readonly<Record<string, readonly [reason: string, hint?: string]>>

/** Alerts (RFC 8446 §6) that a client sends. */
const CLIENT_ALERTS: Meanings = {
  unknown_ca: ['it does not trust our CA'],
  certificate_unknown: ['it does not accept our certificate'],
  bad_certificate: ['it does not accept our certificate'],
  certificate_expired: ['our certificate has expired for it'],
  protocol_version: ['it does not take any version that we offer'],
}

/** Alerts that a server sends. */
const SERVER_ALERTS: Meanings = {
  handshake_failure: [
    'it does not agree to any cipher, or wants a certificate',
    'To show it one: --cert <file> --key <file>',
  ],
  protocol_version: [
    'it does not speak a version of TLS that we offer',
    'To offer old ones: --tls-min 1.0',
  ],
  certificate_required: [
    'it lets in only clients that show a certificate',
    'To show it one: --cert <file> --key <file>',
  ],
  bad_certificate: ['it does not accept our certificate'],
  unknown_ca: ['it does not trust the CA of our certificate'],
  certificate_unknown: ['it does not accept our certificate'],
  certificate_expired: ['our certificate has expired'],
  no_application_protocol: ['it speaks none of the protocols that we offer', 'See --alpn'],
  unrecognized_name: ['it has no such name', 'To ask for another: --sni <name>'],
}

/** What is wrong by our own judgement. */
const OWN_REASONS: readonly (readonly [RegExp, string, string?])[] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE/, 'it has shown no certificate'],
  [
    /UNSUPPORTED_PROTOCOL|UNKNOWN_SSL_VERSION/,
    'its versions of TLS are not among ours',
    'See --tls-min',
  ],
  [/NO_SHARED_CIPHER/, 'it offers no cipher that we take'],
  [/DECRYPTION_FAILED|BAD_RECORD/, 'what it sends cannot be decrypted'],
  [/NO_SUITABLE_SIGNATURE|WRONG_SIGNATURE_TYPE/, 'no kind of signature suits both'],
  [/DH_KEY_TOO_SMALL|EE_KEY_TOO_SMALL|CA_KEY_TOO_SMALL/, 'its key is too weak'],
  [/LEGACY_RENEGOTIATION/, 'it knows only renegotiation that is not safe'],
]

/** What to type where a server speaks, and not TLS; and where it leaves without a word. */
const PLAIN_HINTS = {
  client: 'Connect without --tls; where TLS begins after a few plain words: --starttls <protocol>',
  'proxy-client': 'Most proxies are spoken to without TLS: write http:// in place of https://',
  'target-client': 'If it is spoken to without TLS: tcp:// in place of tls://',
} as const
const SILENT_HINTS = {
  client: 'It may not speak TLS, or asks for a name: --tls-name <name>',
  'proxy-client': 'It may not speak TLS: then write http:// in place of https://',
  'target-client': 'It may not speak TLS: then write tcp:// in place of tls://',
} as const

/**
 * Why a server that was to speak TLS did not come to terms with us.
 *
 * @param head the first bytes that came from it
 * @param plainUrl what one would dial without TLS, where it is not the same as TCP
 * @returns ERR_PROTOCOL, or the error itself where it is the system's
 */
export function handshakeFailure(
  error: unknown,
  {
    peer,
    head,
    side,
    plainUrl,
  }: {
    readonly peer: string
    readonly head: Buffer
    readonly side: keyof typeof PLAIN_HINTS
    readonly plainUrl?: string | undefined
  },
): SockctlError | undefined {
  const attempt = `no TLS with ${peer}`
  const isPlain = head.length > 0 && guessProtocol(head) !== 'TLS'
  if (isPlain) {
    const said = `it does not speak TLS (it said: ${quoteFirstLine(head)})`
    return new SockctlError('ERR_PROTOCOL', `${attempt}: ${said}`, {
      cause: error,
      hints: [plainUrl === undefined ? PLAIN_HINTS[side] : `Try: ${plainUrl}`],
    })
  }
  if (isClientHello(head)) {
    const said = 'it sends back what we say: an echo without TLS'
    return new SockctlError('ERR_PROTOCOL', `${attempt}: ${said}`, { cause: error })
  }
  const found = tlsReason(error, side)
  if (found !== undefined) {
    return new SockctlError('ERR_PROTOCOL', `${attempt}: ${found.reason}`, {
      cause: error,
      hints: found.hint === undefined ? [] : [found.hint],
    })
  }
  const code = errnoOf(error)
  if (code === undefined || !['ECONNRESET', 'EPIPE'].includes(code)) return undefined
  const silent = plainUrl === undefined ? SILENT_HINTS[side] : `It may not speak TLS: ${plainUrl}`
  const how = 'it ended the connection in the middle of the handshake'
  return new SockctlError('ERR_PROTOCOL', `${attempt}: ${how}`, {
    cause: error,
    hints: head.length === 0 ? [silent] : [],
  })
}
