import {
  constants,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto'

/** A key pair, and what a key set says of its public half. */
export interface KeyPair {
  readonly privateKey: KeyObject
  readonly jwk: JsonWebKey & { readonly kid?: string }
}

type Json = Readonly<Record<string, unknown>>

/** A JWT as an issuer makes it, with nothing but node:crypto (RFC 7515 §3.1, RFC 7518 §3.1). */
export function makeJwt(key: string | Buffer | KeyPair, claims: Json, header: Json = {}): string {
  const isSecret = typeof key === 'string' || Buffer.isBuffer(key)
  const alg = isSecret ? 'HS256' : 'RS256'
  const kid = isSecret ? {} : { kid: key.jwk.kid }
  const whole = { alg, typ: 'JWT', ...kid, ...header }
  const signed = `${encode(whole)}.${encode({ exp: inSeconds(60), ...claims })}`
  return `${signed}.${signatureOf(signed, key, whole.alg).toString('base64url')}`
}

/** A JWT that is signed with nothing. */
export function makeUnsignedJwt(claims: Json, alg = 'none'): string {
  return `${encode({ alg })}.${encode(claims)}.`
}

/** A time for claims: seconds since the epoch, so many from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds
}

export function rsaKeys(kid?: string): KeyPair {
  return pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }), kid)
}

export function ecKeys(kid?: string): KeyPair {
  return pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }), kid)
}

export function edKeys(kid?: string): KeyPair {
  return pairOf(generateKeyPairSync('ed25519'), kid)
}

function pairOf(
  { publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  kid: string | undefined,
): KeyPair {
  const jwk = publicKey.export({ format: 'jwk' })
  return { privateKey, jwk: kid === undefined ? jwk : { ...jwk, kid } }
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signatureOf(text: string, key: string | Buffer | KeyPair, alg: string): Buffer {
  const hash = `sha${alg.slice(2)}`
  if (typeof key === 'string' || Buffer.isBuffer(key)) {
    return createHmac(hash, key).update(text).digest()
  }
  const data = Buffer.from(text)
  const { privateKey } = key
  switch (alg.slice(0, 2)) {
    case 'ES':
      return sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    case 'PS':
      return sign(hash, data, {
        key: privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      })
    case 'Ed':
      return sign(null, data, privateKey)
    default:
      return sign(hash, data, privateKey)
  }
}
