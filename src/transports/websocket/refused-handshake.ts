import type { IncomingMessage } from 'node:http'
import type { WebEndpoint } from '../../endpoint/types.ts'
import { SockctlError } from '../../errors.ts'
import { inTime } from '../in-time.ts'
import { asksForTls, tryTls } from './tls-mismatch.ts'
import { urlOf } from './url.ts'

/** Headers that say why, or what to do. */
const TELLING_HEADERS = [
  'location',
  'www-authenticate',
  'proxy-authenticate',
  'retry-after',
  'sec-websocket-version',
  'upgrade',
  'allow',
  'server',
]

const MAX_BODY_BYTES = 2048
const MAX_LINES = 4
const MAX_COLUMNS = 200

/** How long the body may take: the refusal is the news. */
const BODY_MS = 1000

/**
 * Says what a server has answered in place of a handshake, as far as it helps: ERR_PROTOCOL.
 *
 * @param hasCredential it was shown one
 */
export async function refusedHandshake(
  endpoint: WebEndpoint,
  response: IncomingMessage,
  hasCredential = false,
): Promise<SockctlError> {
  const { statusCode = 0, statusMessage = '', headers } = response
  const body = await inTime(readBeginning(response), { timeoutMs: BODY_MS }).catch(() => '')
  response.destroy()
  const told = TELLING_HEADERS.flatMap(name => {
    const value = headers[name]
    return value === undefined ? [] : [`${name}: ${[value].flat().join(', ')}`]
  })
  const lines = isText(headers['content-type']) ? firstLines(body) : []
  // Who says himself what is wrong knows better.
  const guess =
    statusCode === 400 && asksForTls(body)
      ? tryTls(endpoint, true)
      : lines.length > 0
        ? []
        : guessAt(statusCode, endpoint)
  const status = `HTTP ${statusCode} ${statusMessage}`.trim()
  return new SockctlError('ERR_PROTOCOL', `${urlOf(endpoint)} refused the handshake: ${status}`, {
    hints: [...told, ...lines, ...whatToType(response, endpoint, hasCredential), ...guess],
  })
}

async function readBeginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= MAX_BODY_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString()
}

function isText(type = 'text/plain'): boolean {
  return /^text\/(?!html)|json|xml/.test(type)
}

function firstLines(body: string): string[] {
  const lines = body.split(/\r?\n/).filter(line => line.trim() !== '')
  return lines.slice(0, MAX_LINES).map(line => line.slice(0, MAX_COLUMNS))
}

function whatToType(
  { statusCode: status = 0, headers: { location } }: IncomingMessage,
  endpoint: WebEndpoint,
  hasCredential: boolean,
): string[] {
  if (status >= 300 && status < 400 && location !== undefined) {
    const target = webSocketUrl(location, endpoint)
    return target === undefined ? [] : [`Redirects are not followed. Try: ${target}`]
  }
  if (status === 401 && hasCredential) return ['It does not take this token.']
  return status === 401 ? ['Try: --token env:NAME, or --header "Authorization: ..."'] : []
}

function guessAt(status: number, endpoint: WebEndpoint): string[] {
  if (status === 403) return ['It may want another --origin.']
  if (status === 404) return [`It may want another path than ${endpoint.path}`]
  if (status === 200) return ['That is a web page: the path may be wrong.']
  return []
}

/** Where a redirect leads to, as one would dial it. */
function webSocketUrl(location: string, endpoint: WebEndpoint): string | undefined {
  const base = urlOf(endpoint)
  if (!URL.canParse(location, base)) return undefined
  const url = new URL(location, base)
  return url.href.replace(/^http/, 'ws')
}
