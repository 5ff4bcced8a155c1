/** A short answer of HTTP. */
export interface Answer {
  readonly status: number
  /** One line. */
  readonly text: string
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  426: 'Upgrade Required',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
}

/** All that a peer is told that has shown no credential, or another one. */
export const UNAUTHORIZED: Answer = { status: 401, text: 'not allowed in' }

/** There is no room for one more. */
export const FULL: Answer = { status: 503, text: 'too many connections' }

/** Of every answer: it ends the connection, and other sites can make nothing of it. */
export const SAFE_HEADERS = {
  Connection: 'close',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  Vary: 'Accept',
} as const

/** Headers of an answer in text. */
export function textHeaders({ status }: Answer): Record<string, string> {
  return {
    ...SAFE_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 426 ? { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' } : {}),
  }
}

/** The whole answer, for a connection that Node's HTTP has let go of. */
export function rawAnswer(answer: Answer): string {
  const { status, text } = answer
  const body = `${text}\n`
  const headers = { ...textHeaders(answer), 'Content-Length': `${Buffer.byteLength(body)}` }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${STATUS_TEXTS[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
