import type { SecureContextOptions, SecureVersion } from 'node:tls'
import { errnoOf, type SockctlError, usageError } from '../../errors.ts'
import { parseCertificates } from './certificate.ts'
import type { TlsOptions, TlsVersion } from './types.ts'

/**
 * The part of our options that Node has under other names, for both sides.
 *
 * @param ca whom we trust in place of those that Node knows
 * @throws ERR_USAGE when there is no certificate where there should be one
 */
export function contextOptions(options: TlsOptions, ca: string | undefined): SecureContextOptions {
  const { cert, key, minVersion, maxVersion } = options
  const ciphers = ciphersFor(options)
  if (cert !== undefined) parseCertificates(cert, 'tls.cert')
  if (ca !== undefined) parseCertificates(ca, 'the CAs to trust')
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(minVersion === undefined ? {} : { minVersion: versionName(minVersion) }),
    ...(maxVersion === undefined ? {} : { maxVersion: versionName(maxVersion) }),
    // Asked for only an upper bound below Node's own lower one, Node would refuse.
    ...(minVersion === undefined && maxVersion !== undefined && maxVersion < '1.2'
      ? { minVersion: versionName(maxVersion) }
      : {}),
  }
}

function versionName(version: TlsVersion): SecureVersion {
  return version === '1.0'
    ? 'TLSv1'
    : `TLSv1.${version === '1.1' ? '1' : version === '1.2' ? '2' : '3'}`
}

/** OpenSSL 3 has TLS 1.0 and 1.1 only at the lowest level of security (SSL_CTX_set_security_level(3)). */
function ciphersFor({ ciphers, minVersion, maxVersion }: TlsOptions): string | undefined {
  const isOld = [minVersion, maxVersion].some(version => version !== undefined && version < '1.2')
  return ciphers ?? (isOld ? 'DEFAULT@SECLEVEL=0' : undefined)
}

/**
 * Makes what needs certificates, keys or ciphers.
 *
 * @throws ERR_USAGE when they cannot be used, and says why
 */
export function withUsableSettings<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw unusable(error)
  }
}

function unusable(error: unknown): SockctlError {
  const code = errnoOf(error) ?? ''
  const [reason, hint] = REASONS.find(([pattern]) => pattern.test(code))?.slice(1) ?? []
  if (typeof reason !== 'string') {
    // OpenSSL's reports all have such a code; anything else is a bug.
    if (!/^ERR_(?:OSSL|SSL|TLS)_/.test(code)) throw error
    return usageError(`cannot set TLS up: ${(error as Error).message}`)
  }
  return usageError(`cannot set TLS up: ${reason}`, ...(typeof hint === 'string' ? [hint] : []))
}

/** By the code that Node makes of what OpenSSL reports. */
const REASONS: readonly (readonly [RegExp, string, string?])[] = [
  [/KEY_VALUES_MISMATCH|KEY_TYPE_MISMATCH/, 'the key does not belong to the certificate'],
  [
    /INTERRUPTED_OR_CANCELLED|MISSING_PASSPHRASE|BAD_PASSWORD_READ|BAD_DECRYPT/,
    'the key is encrypted',
    'Decrypt it first: openssl pkey -in key.pem -out plain.pem',
  ],
  [
    /NO_START_LINE|BAD_BASE64|BAD_END_LINE|UNSUPPORTED$|WRONG_TAG/,
    'a certificate or key is not PEM',
  ],
  [/NO_CIPHER_MATCH/, 'no such cipher', 'The names are those of: openssl ciphers -s'],
  [/KEY_TOO_SMALL|MD_TOO_WEAK/, 'the certificate or its key is too weak for OpenSSL'],
  [
    /PROTOCOL_VERSION_CONFLICT|INVALID_PROTOCOL_VERSION/,
    'no version of TLS is left between the bounds',
  ],
]
