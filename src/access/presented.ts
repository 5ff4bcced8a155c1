import type { IncomingHttpHeaders } from 'node:http'

/** The subprotocol beside which a credential may stand, where nothing but subprotocols can be set. */
export const CREDENTIAL_PROTOCOL = 'bearer'

/** The credential of a first line: all of it, or what follows `Bearer` (RFC 6750 §2.1). */
export function credentialOfLine(line: string): string {
  return bearerOf(line) ?? line.trim()
}

/** What a peer shows in the request of a handshake. */
export interface PresentedCredential {
  readonly text: string
  /** The subprotocol to answer with, where it was shown there. The credential itself is none. */
  readonly protocol?: typeof CREDENTIAL_PROTOCOL
}

/**
 * The credential of an HTTP request, by the first that is there of
 *
 * - `Authorization: Bearer <credential>` (RFC 6750 §2.1),
 * - `?access_token=<credential>` (RFC 6750 §2.3) or `?token=`,
 * - `Sec-WebSocket-Protocol: bearer, <credential>`: a browser can set no other header of a WebSocket.
 *
 * Undefined: it shows none.
 *
 * @param url path and query, as they stand in the request
 */
export function credentialOfRequest({
  headers,
  url = '/',
}: {
  readonly headers: IncomingHttpHeaders
  readonly url?: string | undefined
}): PresentedCredential | undefined {
  const header = bearerOf(headers.authorization ?? '')
  if (header !== undefined) return { text: header }
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])
  const parameter = query.get('access_token') ?? query.get('token')
  if (parameter !== null && parameter !== '') return { text: parameter }
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map(one => one.trim())
  const text = protocols[protocols.indexOf(CREDENTIAL_PROTOCOL) + 1]
  const isShown = protocols.includes(CREDENTIAL_PROTOCOL) && text !== undefined && text !== ''
  return isShown ? { text, protocol: CREDENTIAL_PROTOCOL } : undefined
}

function bearerOf(text: string): string | undefined {
  return /^\s*Bearer +(\S.*?)\s*$/i.exec(text)?.[1]
}
