import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Credentials } from '../../access/credentials.ts'
import { formatAddress } from '../../address.ts'
import { verdictOn, withoutCredential } from './credential.ts'
import type { Guest } from './handshake-server.ts'
import { type Answer, SAFE_HEADERS, textHeaders, UNAUTHORIZED } from './text-answer.ts'

/** What a request that is no handshake is answered by. */
export interface Reception {
  /** Why it may not in at all. */
  readonly refusal: Answer | undefined
  readonly isOurPath: boolean
  readonly path: string
  readonly subprotocols: readonly string[] | undefined
  readonly hasConsole: boolean
  readonly credentials: Credentials | undefined
  readonly guests: ReadonlySet<Guest>
}

/**
 * Answers a request that is no handshake: browsers with the console, the console with who is
 * connected, everybody else with a line on what this is. Each answer ends its connection, which is
 * here for something else.
 *
 * @returns what was wrong, if something was; undefined when it got what it wanted
 */
export async function answerPlainRequest(
  request: IncomingMessage,
  response: ServerResponse,
  reception: Reception,
): Promise<string | undefined> {
  const { method = '', url, headers } = request
  const { refusal, isOurPath, path, hasConsole, credentials } = reception
  if (refusal !== undefined) return send(response, refusal)
  if (!isOurPath) {
    const text = `there is only ${path} here, and that is a WebSocket`
    return send(response, { status: 404, text })
  }
  const accept = hasConsole && method === 'GET' ? (headers.accept ?? '') : ''
  if (/\btext\/html\b/.test(accept)) {
    const { consolePage } = await import('./console/page.ts')
    const page = consolePage({
      host: headers.host ?? '',
      subprotocols: reception.subprotocols,
      asksForCredential: credentials !== undefined,
    })
    response.writeHead(200, { ...SAFE_HEADERS, ...page.headers }).end(page.body)
    return undefined
  }
  if (/^application\/json\b/.test(accept)) {
    const verdict = await verdictOn(request, credentials)
    if (!verdict.isAdmitted) {
      send(response, UNAUTHORIZED)
      return verdict.why
    }
    response.writeHead(200, { ...SAFE_HEADERS, 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ guests: [...reception.guests].map(describe) }))
    return undefined
  }
  send(response, { status: 426, text: 'this is a WebSocket: it wants a handshake (RFC 6455)' })
  return `${method} ${withoutCredential(url)} is a plain request, no WebSocket handshake`
}

function describe({ channel, since }: Guest) {
  const { remote, facts, duplex } = channel
  return {
    address: formatAddress(remote),
    facts,
    seconds: Math.floor((performance.now() - since) / 1000),
    messagesIn: duplex.messagesRead,
    messagesOut: duplex.messagesWritten,
  }
}

function send(response: ServerResponse, answer: Answer): string {
  response.writeHead(answer.status, textHeaders(answer)).end(`${answer.text}\n`)
  return answer.text
}
