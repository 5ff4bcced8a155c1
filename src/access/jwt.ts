import type { JWTVerifyOptions } from 'jose'
import type { Credentials, Verdict } from './credentials.ts'
import type { KeySet } from './key-set.ts'

/** By a secret that the issuer shares with us. */
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512']

/** By keys of which we know the public half. */
const PUBLIC_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** Clocks differ. */
const LEEWAY_SECONDS = 30

export interface JwtSettings {
  /** The secret of HS256 and its kin, or the public keys of the others. One does not do for both. */
  readonly key: Uint8Array | KeySet
  /** `iss` has to be this. Undefined: whatever it is. */
  readonly issuer?: string | undefined
  /** `aud` has to be this, or to have it among others. */
  readonly audience?: string | undefined
}

/**
 * Lets in who shows a JSON Web Token (RFC 7519) that was signed with the key, is not expired, is
 * valid already, and has the issuer and audience that are asked for. Its subject is the user.
 *
 * Which algorithms count is decided by the key that we have, never by the token (RFC 8725 §3.1): it
 * cannot ask for `none`, nor for its signature to be checked with a public key as the secret.
 */
export function jwtCredentials({ key, issuer, audience }: JwtSettings): Credentials {
  const options: JWTVerifyOptions = {
    algorithms: key instanceof Uint8Array ? SECRET_ALGORITHMS : PUBLIC_ALGORITHMS,
    clockTolerance: LEEWAY_SECONDS,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
  return {
    async check(text) {
      if (!isCanonical(text)) return refused('not a JWT')
      try {
        return admitted(await subjectOf(text, key, options))
      } catch (error) {
        return refused(reasonOf(error))
      }
    },
  }
}

async function subjectOf(
  text: string,
  key: JwtSettings['key'],
  options: JWTVerifyOptions,
): Promise<unknown> {
  const { jwtVerify, errors } = await import('jose')
  if (key instanceof Uint8Array) return (await jwtVerify(text, key, options)).payload.sub
  try {
    return (await jwtVerify(text, key, options)).payload.sub
  } catch (error) {
    // Without a kid each key that could have signed it is tried.
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const one of error) {
      try {
        return (await jwtVerify(text, one, options)).payload.sub
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/**
 * Three parts in base64url, each the one way to write its bytes (RFC 4648 §3.5): else the same token
 * could be written in several ways, and pass a list of those that were revoked.
 */
function isCanonical(text: string): boolean {
  const parts = text.split('.')
  const isWhole = (part: string): boolean =>
    Buffer.from(part, 'base64url').toString('base64url') === part
  return parts.length === 3 && parts.every(isWhole)
}

/** A name goes to logs and to the environment of children, which end at a NUL. */
function admitted(subject: unknown): Verdict {
  if (subject === undefined) return { isAdmitted: true }
  const isName = typeof subject === 'string' && subject !== '' && !/\p{Cc}/u.test(subject)
  return isName
    ? { isAdmitted: true, user: subject }
    : refused('a JWT with a subject that is no name')
}

function refused(why: string): Verdict {
  return { isAdmitted: false, why }
}

const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'an expired JWT',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'a JWT with a wrong signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'a JWT with an algorithm that is not allowed',
  ERR_JWKS_NO_MATCHING_KEY: 'a JWT signed with a key that is not known',
  ERR_JWT_INVALID: 'not a JWT',
  ERR_JWS_INVALID: 'not a JWT',
}

const CLAIMS: Readonly<Record<string, string>> = {
  iss: 'a JWT of another issuer',
  aud: 'a JWT for another audience',
  nbf: 'a JWT that is not valid yet',
}

function reasonOf(error: unknown): string {
  const { code, claim, message } = error as { code?: string; claim?: string; message?: string }
  const known =
    REASONS[code ?? ''] ?? (code?.startsWith('ERR_JWT') ? CLAIMS[claim ?? ''] : undefined)
  return known ?? `a JWT that cannot be checked: ${message}`
}
