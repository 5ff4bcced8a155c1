import { constants, endianness } from 'node:os'
import { SockctlError } from '../../errors.ts'

/*
 * netlink(7): a request goes to the kernel as a datagram, the answer comes as datagrams, "chunks",
 * that hold messages up to one that says it is done. Numbers are in the byte order of this machine.
 *
 *   message:    length u32 | type u16 | flags u16 | sequence u32 | port u32 | payload
 *   attribute:  length u16 | type u16 | payload
 *
 * Both begin at multiples of 4, and their length counts the header but not the padding.
 */

export const LITTLE_ENDIAN = endianness() === 'LE'

/** The length of a message's header. */
export const HEADER_BYTES = 16

const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLMSG_OVERRUN = 4
/** Smaller numbers are not data. */
const NLMSG_MIN_TYPE = 16

const NLM_F_REQUEST = 1
const NLM_F_ACK = 4
const NLM_F_DUMP_INTR = 0x10
const NLM_F_DUMP = 0x300

/** Writes the message that asks for all entries of a table. */
export function dumpRequest(type: number, payload: Uint8Array): Uint8Array {
  return requestMessage(type, NLM_F_DUMP, payload)
}

/** Writes the message that asks for one thing to be done, and for word of it (NLMSG_ERROR, 0 or not). */
export function actionRequest(type: number, payload: Uint8Array): Uint8Array {
  return requestMessage(type, NLM_F_ACK, payload)
}

function requestMessage(type: number, flags: number, payload: Uint8Array): Uint8Array {
  const request = new Uint8Array(HEADER_BYTES + payload.length)
  const header = new DataView(request.buffer)
  header.setUint32(0, request.length, LITTLE_ENDIAN)
  header.setUint16(4, type, LITTLE_ENDIAN)
  header.setUint16(6, NLM_F_REQUEST | flags, LITTLE_ENDIAN)
  request.set(payload, HEADER_BYTES)
  return request
}

/** Adds an attribute to what a request says. */
export function withAttribute(payload: Uint8Array, type: number, value: Uint8Array): Uint8Array {
  const at = aligned(payload.length)
  const longer = new Uint8Array(at + aligned(4 + value.length))
  longer.set(payload)
  const header = new DataView(longer.buffer)
  header.setUint16(at, 4 + value.length, LITTLE_ENDIAN)
  header.setUint16(at + 2, type, LITTLE_ENDIAN)
  longer.set(value, at + 4)
  return longer
}

/** A part of a larger buffer: one received datagram, one message, the payload of an attribute. */
export interface Chunk {
  readonly bytes: DataView
  readonly start: number
  readonly end: number
}

export interface ChunkEnd {
  /** Undefined: more is to come. 0: that was all. Else the number of an error, negative. */
  readonly status: number | undefined
  /** The table changed while the kernel wrote it: entries can be missing or stand there twice. */
  readonly hasChanged: boolean
}

/**
 * Walks the messages of a chunk, up to the one that ends the answer.
 *
 * @param onMessage is told where each message begins, header and all, and where it ends
 * @throws ERR_PROTOCOL when the lengths do not add up
 */
export function readChunk(chunk: Chunk, onMessage: (at: number, end: number) => void): ChunkEnd {
  const { bytes } = chunk
  let hasChanged = false
  for (let at = chunk.start; at + HEADER_BYTES <= chunk.end; ) {
    const end = messageEnd(bytes, at)
    if (end < at + HEADER_BYTES || end > chunk.end) throw malformed('a message without an end')
    if ((bytes.getUint16(at + 6, LITTLE_ENDIAN) & NLM_F_DUMP_INTR) !== 0) hasChanged = true
    const type = bytes.getUint16(at + 4, LITTLE_ENDIAN)
    if (type >= NLMSG_MIN_TYPE) onMessage(at, end)
    else {
      const status = statusOf(type, bytes, at + HEADER_BYTES, end)
      if (status !== undefined) return { status, hasChanged }
    }
    at = aligned(end)
  }
  return { status: undefined, hasChanged }
}

/** Where the message that begins here ends: only for one that `readChunk` has let through. */
export function messageEnd(bytes: DataView, at: number): number {
  return at + bytes.getUint32(at, LITTLE_ENDIAN)
}

/** Both kinds of end carry a status: a table that the kernel does not have is DONE with ENOENT. */
function statusOf(type: number, bytes: DataView, at: number, end: number): number | undefined {
  if (type === NLMSG_OVERRUN) return -constants.errno.ENOBUFS
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return undefined
  const status = at + 4 <= end ? bytes.getInt32(at, LITTLE_ENDIAN) : 0
  if (status > 0) throw malformed('an error with a number above zero')
  return status
}

/** Finds the payload of an attribute; undefined when it is not there, or not whole. */
export function findAttribute({ bytes, start, end }: Chunk, wanted: number): Chunk | undefined {
  for (let at = start; at + 4 <= end; ) {
    const next = at + bytes.getUint16(at, LITTLE_ENDIAN)
    if (next < at + 4 || next > end) return undefined
    const type = bytes.getUint16(at + 2, LITTLE_ENDIAN) & ATTRIBUTE_TYPE
    if (type === wanted) return { bytes, start: at + 4, end: next }
    at = aligned(next)
  }
  return undefined
}

/** Walks all attributes that are whole, for who wants to know several of them. */
export function eachAttribute(
  { bytes, start, end }: Chunk,
  visit: (type: number, start: number, end: number) => void,
): void {
  for (let at = start; at + 4 <= end; ) {
    const next = at + bytes.getUint16(at, LITTLE_ENDIAN)
    if (next < at + 4 || next > end) return
    visit(bytes.getUint16(at + 2, LITTLE_ENDIAN) & ATTRIBUTE_TYPE, at + 4, next)
    at = aligned(next)
  }
}

/** The other bits say that the payload is nested, or in network byte order. */
const ATTRIBUTE_TYPE = 0x3fff

/** The error for an answer that does not have the form it must have. */
export function malformed(what: string): SockctlError {
  return new SockctlError('ERR_PROTOCOL', `cannot read the kernel's answer: ${what}`)
}

function aligned(offset: number): number {
  return (offset + 3) & ~3
}
