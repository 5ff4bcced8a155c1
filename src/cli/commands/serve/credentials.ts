import { anyOf, type Credentials } from '../../../access/credentials.ts'
import { type JwtSettings, jwtCredentials } from '../../../access/jwt.ts'
import { openKeySet } from '../../../access/key-set.ts'
import { parseTokens, type Token, tokenCredentials } from '../../../access/token.ts'
import { usageError } from '../../../errors.ts'
import type { Context } from '../../context.ts'
import { readSecret } from '../../secret.ts'
import type { AccessFlags } from '../access-options.ts'

type Flags = AccessFlags & { readonly quiet?: true }

/**
 * What lets a peer in, of which the flags name at least one.
 *
 * @throws ERR_USAGE on what does not go together; ERR_NOT_FOUND for a missing file or variable
 */
export async function readCredentials(flags: Flags, context: Context): Promise<Credentials> {
  const { jwtIssuer: issuer, jwtAudience: audience } = flags
  const keys = await readJwtKeys(flags, context)
  if (keys.length === 0 && (issuer !== undefined || audience !== undefined)) {
    throw usageError('--jwt-issuer and --jwt-audience go with --jwt-secret or --jwks')
  }
  const several = keys.map(key => jwtCredentials({ key, issuer, audience }))
  const tokens = await readTokens(flags, context)
  if (tokens.length > 0) several.unshift(tokenCredentials(tokens))
  return anyOf(several)
}

async function readTokens({ token = [], quiet }: Flags, context: Context): Promise<Token[]> {
  const use = { name: '--token', quiet }
  const texts = await Promise.all(token.map(text => readSecret(text, context, use)))
  return texts.flatMap(parseTokens)
}

async function readJwtKeys(
  { jwtSecret, jwks, quiet }: Flags,
  context: Context,
): Promise<JwtSettings['key'][]> {
  const keys: JwtSettings['key'][] = []
  if (jwtSecret !== undefined) {
    const use = { name: '--jwt-secret', quiet }
    const secret = Buffer.from(await readSecret(jwtSecret, context, use))
    if (secret.length < SAFE_SECRET_BYTES && quiet !== true) context.stderr.write(SHORT_SECRET)
    keys.push(secret)
  }
  if (jwks !== undefined) keys.push(await openKeySet(jwks))
  return keys
}

/** As long as what HS256 makes of it (RFC 7518 §3.2). Who has one JWT can try secrets at home. */
const SAFE_SECRET_BYTES = 32

const SHORT_SECRET =
  'warning: --jwt-secret: shorter than 32 bytes, it could be guessed from any JWT\n'
