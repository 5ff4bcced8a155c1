/*
 * What somebody speaks, by the first bytes that he sends: so that who speaks the wrong protocol can
 * be told so in words.
 */

/** The first bytes of what somebody sends: as many as it takes to tell what he speaks. */
export class FirstBytes {
  #bytes: Buffer = Buffer.alloc(0)

  get bytes(): Buffer {
    return this.#bytes
  }

  take(chunk: Buffer): void {
    if (this.#bytes.length >= ENOUGH) return
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, ENOUGH - this.#bytes.length)])
  }
}

/** A little more than what is quoted of them. */
const ENOUGH = 64

/** What the first bytes of a peer give away. Undefined: nothing that is known here. */
export function guessProtocol(bytes: Buffer): 'TLS' | 'HTTP' | 'SSH' | undefined {
  if (isTls(bytes)) return 'TLS'
  const text = bytes.toString('latin1', 0, LONGEST_TOKEN)
  if (HTTP.test(text)) return 'HTTP'
  return text.startsWith('SSH-') ? 'SSH' : undefined
}

const LONGEST_TOKEN = 16

/** A request line or a status line (RFC 9112 §3 and §4), or the preface of HTTP/2 (RFC 9113 §3.4). */
const HTTP = /^(?:(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) |HTTP\/\d)/

/** Whether bytes begin a TLS record of the kind that opens a connection (RFC 8446 §5.1). One will do. */
export function isTls(bytes: Buffer): boolean {
  const isHandshakeOrAlert = bytes[0] === HANDSHAKE || bytes[0] === ALERT
  return isHandshakeOrAlert && (bytes.length < 2 || bytes[1] === MAJOR_VERSION)
}

/** Whether bytes begin a ClientHello (RFC 8446 §4.1.2). */
export function isClientHello(bytes: Buffer): boolean {
  return bytes[0] === HANDSHAKE && bytes[1] === MAJOR_VERSION && bytes[5] === CLIENT_HELLO
}

/** The number of the alert (RFC 8446 §6) that bytes are, where they are one and nothing else. */
export function loneAlert(bytes: Buffer): number | undefined {
  const isOne = bytes.length === ALERT_BYTES && bytes[0] === ALERT && bytes[1] === MAJOR_VERSION
  return isOne ? bytes[ALERT_BYTES - 1] : undefined
}

/** How long a record with an alert is that nobody has encrypted: header, level, description. */
const ALERT_BYTES = 7

const ALERT = 0x15
const HANDSHAKE = 0x16
const MAJOR_VERSION = 3
const CLIENT_HELLO = 1

/** The first line of what somebody said, for a message: `"220 mail ESMTP"`, `00 0a 5b...` in hex. */
export function quoteFirstLine(bytes: Buffer): string {
  const [line = ''] = bytes.toString('latin1', 0, LONGEST_QUOTE + 1).split(/[\r\n]/)
  if (/^[\x20-\x7e\t]+$/.test(line)) {
    return line.length > LONGEST_QUOTE ? `"${line.slice(0, LONGEST_QUOTE)}..."` : `"${line}"`
  }
  const pairs = Array.from(bytes.subarray(0, LONGEST_HEX), byte =>
    byte.toString(16).padStart(2, '0'),
  )
  return `${pairs.join(' ')}${bytes.length > LONGEST_HEX ? '...' : ''} in hex`
}

const LONGEST_QUOTE = 60
const LONGEST_HEX = 16
