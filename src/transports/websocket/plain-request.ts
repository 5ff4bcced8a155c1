import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Guest } from './handshake-server.ts'

/** What a request that is no handshake is answered by. */
export interface Reception {
  readonly isOurPath: boolean
  readonly path: string
  readonly hasConsole: boolean
  readonly guests: ReadonlySet<Guest>
}

/**
 * Answers a request that is no handshake: browsers with the console, everybody else with a line on
 * what this is. Each answer ends its connection, which is here for something else.
 *
 * @returns what was wrong, if something was; undefined when it got what it wanted
 */
export function answerPlainRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { isOurPath, path }: Reception,
): string | undefined {
  const { method = '', url = '/' } = request
  if (!isOurPath) {
    return sendText(response, 404, `there is only ${path} here, and that is a WebSocket`)
  }
  sendText(response, 426, 'this is a WebSocket: it wants a handshake (RFC 6455)')
  return `${method} ${url} is a plain request, no WebSocket handshake`
}

function sendText(response: ServerResponse, status: number, text: string): string {
  response.writeHead(status, {
    Connection: 'close',
    ...(status === 426 ? { Upgrade: 'websocket' } : {}),
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(`${text}\n`)
  return text
}
