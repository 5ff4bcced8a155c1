import { SockctlError } from '../../errors.ts'
import { crc32c } from './crc32c.ts'

/** What follows the addresses of a header of version 2 (§2.2.3 to §2.2.7), by its type. */
const TEXTS: Readonly<Record<number, string>> = {
  1: 'alpn',
  2: 'authority',
  48: 'netns',
}
const CRC32C = 3
const NOOP = 4
const UNIQUE_ID = 5
const SSL = 0x20

/** Those within SSL, behind five bytes of its own. */
const SSL_TEXTS: Readonly<Record<number, string>> = {
  33: 'tls',
  34: 'client',
  35: 'cipher',
  36: 'signature',
  37: 'key',
}
const SSL_FIXED_BYTES = 5

/** The bit of its first byte that says: the client came over TLS. */
const CLIENT_SSL = 1

/**
 * Reads the fields of type, length and value that a header ends with. Those without a name are shown by
 * their number, in hex.
 *
 * @param start where they begin
 * @throws ERR_PROTOCOL when one is longer than the rest, or the checksum does not fit
 */
export function readTlvs(header: Buffer, start: number): Record<string, string> {
  const facts: Record<string, string> = {}
  for (const { type, value, at } of fields(header, start)) {
    if (type === CRC32C) checkSum(header, at, value)
    else if (type === SSL) Object.assign(facts, readSsl(value))
    else if (type === UNIQUE_ID) facts['unique-id'] = textOrHex(value)
    else if (TEXTS[type] !== undefined) facts[TEXTS[type]] = value.toString()
    else if (type !== NOOP) facts[`tlv-0x${type.toString(16).padStart(2, '0')}`] = hex(value)
  }
  return facts
}

interface Field {
  readonly type: number
  readonly value: Buffer
  /** Where its value begins. */
  readonly at: number
}

function fields(bytes: Buffer, start: number): Field[] {
  const found: Field[] = []
  for (let offset = start; offset < bytes.length; ) {
    const at = offset + 3
    const end = at <= bytes.length ? at + bytes.readUInt16BE(offset + 1) : Infinity
    if (end > bytes.length) {
      throw new SockctlError('ERR_PROTOCOL', 'bad PROXY header: a field is longer than the rest')
    }
    found.push({ type: bytes[offset] ?? NOOP, value: bytes.subarray(at, end), at })
    offset = end
  }
  return found
}

/** Taken over the whole header, with the sum itself as zeros. */
function checkSum(header: Buffer, at: number, value: Buffer): void {
  const blank = Buffer.from(header)
  blank.fill(0, at, at + value.length)
  if (value.length !== 4 || crc32c(blank) !== value.readUInt32BE()) {
    throw new SockctlError('ERR_PROTOCOL', 'bad PROXY header: its checksum does not fit')
  }
}

function readSsl(value: Buffer): Record<string, string> {
  if (value.length < SSL_FIXED_BYTES) return {}
  const facts: Record<string, string> = {}
  if (((value[0] ?? 0) & CLIENT_SSL) !== 0) facts.tls = 'yes'
  for (const { type, value: text } of fields(value, SSL_FIXED_BYTES)) {
    const name = SSL_TEXTS[type]
    // A version is written in the one form that it has everywhere else.
    if (name !== undefined) facts[name] = text.toString().replace(/^TLSv/, '')
  }
  return facts
}

/** Any bytes are one; haproxy makes it of text, and its own log has that. */
function textOrHex(value: Buffer): string {
  const text = value.toString('latin1')
  return /^[!-~]+$/.test(text) ? text : hex(value)
}

/** Enough of it to recognise it. */
function hex(value: Buffer): string {
  return value.subarray(0, 64).toString('hex')
}
