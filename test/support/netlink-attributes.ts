import { LITTLE_ENDIAN } from '../../src/inspect/sources/netlink-message.ts'

/** Writes a netlink attribute: its length counts the header and not the padding. */
export function attribute(type: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc((4 + payload.length + 3) & ~3)
  const header = new DataView(bytes.buffer, bytes.byteOffset)
  header.setUint16(0, 4 + payload.length, LITTLE_ENDIAN)
  header.setUint16(2, type, LITTLE_ENDIAN)
  bytes.set(payload, 4)
  return bytes
}

/** Numbers of 32 bits, in the byte order of this machine. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  const fields = new DataView(bytes.buffer, bytes.byteOffset)
  for (const [index, value] of values.entries()) fields.setUint32(4 * index, value, LITTLE_ENDIAN)
  return bytes
}
