import type { webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isLoopback } from '../address.ts'
import { systemError, usageError } from '../errors.ts'

/** How long keys are good for without a look whether there are others. */
const CACHE_MS = 10 * 60_000

/** For so long an unknown key does not make us look again: who knows no key must not cause traffic. */
const COOLDOWN_MS = 30_000

/** The same when the last look failed. */
const RETRY_MS = 5000

/** Less than a peer has for its credential: the log then says what it was that took so long. */
const TIMEOUT_MS = 3000

/** Gives the public key for a JWT with this header; rejects when there is none. */
export type KeySet = (header: {
  readonly alg?: string
  readonly kid?: string
}) => Promise<webcrypto.CryptoKey>

/**
 * The public keys of a JSON Web Key Set (RFC 7517 §5), by file or URL. They are looked at again when
 * a token names a key that is not among them, but seldom. A file is read now, a URL when the first
 * token comes.
 *
 * @throws ERR_USAGE when it is no key set, or would come unprotected; ERR_NOT_FOUND, ERR_DENIED
 */
export async function openKeySet(place: string): Promise<KeySet> {
  const { createLocalJWKSet, createRemoteJWKSet, customFetch } = await import('jose')
  const url = urlOf(place)
  const request = url === undefined ? (): Promise<Response> => fileResponse(place) : fetch
  const keys = createRemoteJWKSet(url ?? new URL('file:///'), {
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: restingAfterFailure(async (url, options) => {
      const text = await textOf(await request(url, options))
      createLocalJWKSet(JSON.parse(text))
      return new Response(text)
    }),
  })
  if (url === undefined) {
    await keys.reload().catch(error => {
      if (error instanceof Error && 'code' in error && !isJose(error)) {
        throw systemError(`cannot read ${place}`, error)
      }
      throw usageError(`${place} is not a JSON Web Key Set`)
    })
  }
  return header => keys(header)
}

function isJose({ code }: { readonly code: unknown }): boolean {
  return String(code).startsWith('ERR_J')
}

/** @throws ERR_USAGE where somebody on the way could put his own keys there */
function urlOf(place: string): URL | undefined {
  if (!/^https?:/i.test(place)) return undefined
  if (!URL.canParse(place)) throw usageError(`not a URL: "${place}"`)
  const url = new URL(place)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'https:' || host === 'localhost' || isLoopback(host)) return url
  throw usageError(
    'keys that come over http could be replaced on the way',
    `Write https://${url.host}${url.pathname}, or save them to a file.`,
  )
}

async function fileResponse(path: string): Promise<Response> {
  return new Response(await readFile(path))
}

async function textOf(response: Response): Promise<string> {
  if (response.status === 200) return response.text()
  await response.body?.cancel()
  throw new Error(`the key set is answered by HTTP ${response.status}`)
}

type Fetch = (url: string, options: RequestInit) => Promise<Response>

/**
 * A source that has failed, or has answered what is no key set, is left in peace for a while: each
 * token would have it asked again.
 */
function restingAfterFailure(request: Fetch): Fetch {
  const last: { failure?: unknown; until: number } = { until: 0 }
  return async (url, options) => {
    if (performance.now() < last.until) throw last.failure
    try {
      return await request(url, options)
    } catch (failure) {
      Object.assign(last, { failure, until: performance.now() + RETRY_MS })
      throw failure
    }
  }
}
