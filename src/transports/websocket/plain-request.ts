import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Credentials } from '../../access/credentials.ts'
import { withoutCredential } from './credential.ts'
import type { Guest } from './handshake-server.ts'
import { type Answer, textHeaders } from './text-answer.ts'

/** What a request that is no handshake is answered by. */
export interface Reception {
  /** Why it may not in at all. */
  readonly refusal: Answer | undefined
  readonly isOurPath: boolean
  readonly path: string
  readonly hasConsole: boolean
  readonly credentials: Credentials | undefined
  readonly guests: ReadonlySet<Guest>
}

/**
 * Answers a request that is no handshake: browsers with the console, everybody else with a line on
 * what this is. Each answer ends its connection, which is here for something else.
 *
 * @returns what was wrong, if something was; undefined when it got what it wanted
 */
export function answerPlainRequest(
  { method = '', url }: IncomingMessage,
  response: ServerResponse,
  { refusal, isOurPath, path }: Reception,
): string | undefined {
  if (refusal !== undefined) return send(response, refusal)
  if (!isOurPath) {
    return send(response, {
      status: 404,
      text: `there is only ${path} here, and that is a WebSocket`,
    })
  }
  send(response, { status: 426, text: 'this is a WebSocket: it wants a handshake (RFC 6455)' })
  return `${method} ${withoutCredential(url)} is a plain request, no WebSocket handshake`
}

function send(response: ServerResponse, answer: Answer): string {
  response.writeHead(answer.status, textHeaders(answer)).end(`${answer.text}\n`)
  return answer.text
}
