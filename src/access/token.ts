import { createHash, timingSafeEqual } from 'node:crypto'
import { usageError } from '../errors.ts'
import type { Credentials, Verdict } from './credentials.ts'

/** A secret that its holder shows as it is. */
export interface Token {
  /** Whose it is. */
  readonly name: string | undefined
  readonly secret: string
}

/**
 * Reads tokens, one per line: `secret`, or `name:secret`. Lines that are empty, or begin with #, are
 * none.
 *
 * @throws ERR_USAGE when there is none. The message does not repeat the text
 */
export function parseTokens(text: string): Token[] {
  const lines = text.split(/\r?\n/).map(line => line.trim())
  const tokens = lines.filter(line => line !== '' && !line.startsWith('#')).map(parseToken)
  if (tokens.length === 0) throw usageError('a token of no characters lets everybody in')
  return tokens
}

function parseToken(line: string): Token {
  const [, name, secret] = /^([\w.@-]+):(.+)$/.exec(line) ?? []
  return secret === undefined ? { name: undefined, secret: line } : { name, secret }
}

/**
 * Lets in who shows one of several tokens, with its name in front or without.
 *
 * Compared are hashes, every one of them, each in constant time: how long it takes tells neither how
 * much of a guess is right nor how long the token is.
 */
export function tokenCredentials(tokens: readonly Token[]): Credentials {
  const known = tokens.flatMap(({ name, secret }) => {
    const bare = { user: name, hash: hashOf(secret) }
    return name === undefined ? [bare] : [bare, { user: name, hash: hashOf(`${name}:${secret}`) }]
  })
  return {
    async check(text): Promise<Verdict> {
      const hash = hashOf(text)
      const equal = known.filter(one => timingSafeEqual(one.hash, hash))
      const [found] = equal
      if (found === undefined) return { isAdmitted: false, why: 'wrong token' }
      return { isAdmitted: true, user: found.user }
    },
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
