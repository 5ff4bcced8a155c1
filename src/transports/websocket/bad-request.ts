import type { Answer } from './text-answer.ts'

/** What Node tells of a request that it cannot read. */
type ParseError = Error & { readonly code?: string; readonly rawPacket?: Buffer }

/** The first byte of a TLS record of type handshake (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16

/** Says what is wrong with what should have been a request. */
export function describeBadRequest(error: ParseError): Answer {
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return { status: 431, text: 'its headers are too large' }
  if (error.rawPacket?.[0] === TLS_HANDSHAKE) {
    return { status: 400, text: 'it speaks TLS, and this port does not' }
  }
  if (error.code?.startsWith('HPE_')) return { status: 400, text: 'it does not speak HTTP' }
  return { status: 400, text: error.message }
}
