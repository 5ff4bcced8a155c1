import type { IncomingMessage } from 'node:http'
import { isTls } from '../../channel/first-bytes.ts'
import type { Channel } from '../../channel/types.ts'
import type { InetEndpoint, WebEndpoint } from '../../endpoint/types.ts'
import { errnoOf, SockctlError, systemError } from '../../errors.ts'
import { formatDuration } from '../../units.ts'
import { TimedOut } from '../happy-eyeballs.ts'
import { inTime } from '../in-time.ts'
import type { ByteTransport, DialOptions } from '../types.ts'
import { type PatientWebSocket, patient } from './patient-websocket.ts'
import { refusedHandshake } from './refused-handshake.ts'
import { carrierOptions, tryTls } from './tls-mismatch.ts'
import { MAX_MESSAGE_BYTES } from './types.ts'
import { urlOf } from './url.ts'
import { WebSocketChannel } from './websocket-channel.ts'

/** How long the peer may take to answer our close frame. The types do not know of it yet. */
const TIMEOUT = { closeTimeout: 10_000 }

/**
 * Opens a WebSocket over a connection of another transport.
 *
 * @returns a dial that throws what the carrier's throws; ERR_PROTOCOL when the handshake is refused,
 *   or is none; ERR_TIMEOUT
 */
export function dialOver(
  carrier: ByteTransport,
  scheme: InetEndpoint['scheme'],
): (endpoint: WebEndpoint, options: DialOptions) => Promise<Channel> {
  return async (endpoint, options) => {
    const startedAt = performance.now()
    const { host, port } = endpoint
    const [channel, { WebSocket }] = await Promise.all([
      carrier.dial({ scheme, host, port }, carrierOptions(endpoint, options)),
      import('ws'),
    ])
    const { timeoutMs, signal, websocket = {} } = options
    const left = timeoutMs && Math.max(0, timeoutMs - (performance.now() - startedAt))
    // What fails while the handshake looks elsewhere must not end the process.
    channel.duplex.on('error', () => {})
    try {
      const { subprotocols = [], headers = [], maxMessageBytes = MAX_MESSAGE_BYTES } = websocket
      const ws = new (patient(WebSocket))(urlOf(endpoint), [...subprotocols], {
        createConnection: () => channel.duplex as never,
        ...(websocket.origin === undefined ? {} : { origin: websocket.origin }),
        headers: headersOf([...headers, ...authorization(options.credential)]),
        perMessageDeflate: websocket.compress === true,
        maxPayload: maxMessageBytes,
        ...TIMEOUT,
      })
      const refused = (response: IncomingMessage): Promise<Error> =>
        refusedHandshake(endpoint, response, options.credential !== undefined)
      // The first frames may come with the answer: the channel listens before they are read.
      return await inTime(
        opened(ws, refused, () => new WebSocketChannel(ws, channel, websocket)),
        {
          timeoutMs: left,
          signal,
        },
      )
    } catch (error) {
      channel.reset()
      throw explain(error, endpoint, timeoutMs)
    }
  }
}

/** Settles when the handshake is over. */
function opened<T>(
  ws: PatientWebSocket,
  refused: (response: IncomingMessage) => Promise<Error>,
  take: () => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    ws.on('error', reject)
    ws.on('close', () => reject(new Error('the connection was ended')))
    ws.on('open', () => resolve(take()))
    ws.on('unexpected-response', (_request, response) => {
      refused(response).then(reject, reject)
    })
  })
}

function authorization(credential: string | undefined): (readonly [string, string])[] {
  return credential === undefined ? [] : [['Authorization', `Bearer ${credential}`]]
}

/** A header that occurs twice is sent twice. */
function headersOf(
  headers: readonly (readonly [name: string, value: string])[],
): Record<string, string> {
  const values: Record<string, string | string[]> = {}
  for (const [name, value] of headers) {
    const before = values[name]
    values[name] = before === undefined ? value : [before, value].flat()
  }
  return values as Record<string, string>
}

function explain(error: unknown, endpoint: WebEndpoint, timeoutMs = 0): SockctlError {
  if (error instanceof SockctlError) return error
  const url = urlOf(endpoint)
  if (error instanceof TimedOut) {
    const message = `no answer to the WebSocket handshake in ${formatDuration(timeoutMs)}`
    return new SockctlError('ERR_TIMEOUT', `cannot connect to ${url}: ${message}`, {
      hints: ['Something listens there, but it may not speak HTTP.'],
    })
  }
  const attempt = `WebSocket handshake with ${url} failed`
  const errno = errnoOf(error) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  if (errno.startsWith('HPE_')) {
    const { rawPacket } = error as { readonly rawPacket?: Buffer }
    return rawPacket !== undefined && isTls(rawPacket)
      ? protocolError(attempt, 'it speaks TLS', error, tryTls(endpoint, true))
      : protocolError(attempt, 'the answer is not HTTP', error)
  }
  if (message === 'socket hang up') {
    const why = 'the connection was ended without an answer'
    return protocolError(attempt, why, error, tryTls(endpoint, false))
  }
  return errno.startsWith('E') && !errno.startsWith('ERR_')
    ? systemError(attempt, error)
    : protocolError(attempt, message, error)
}

function protocolError(
  attempt: string,
  why: string,
  cause: unknown,
  hints: string[] = [],
): SockctlError {
  return new SockctlError('ERR_PROTOCOL', `${attempt}: ${why}`, { cause, hints })
}
