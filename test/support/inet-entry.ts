import { message } from './netlink.ts'

/**
 * Writes the message of a connection 127.0.0.1:8080 – 10.0.0.2:40000 (struct inet_diag_msg), with changes
 * by offset, as a little-endian machine has it.
 */
export function inetEntry(
  cookie: bigint,
  changes: Readonly<Record<number, readonly number[]>> = {},
): Buffer {
  const bytes = Buffer.alloc(72)
  bytes.set([2, 1, 0, 0], 0)
  bytes.writeUInt16BE(8080, 4)
  bytes.writeUInt16BE(40_000, 6)
  bytes.set([127, 0, 0, 1], 8)
  bytes.set([10, 0, 0, 2], 24)
  bytes.writeUInt32LE(3, 40)
  bytes.writeBigUInt64LE(cookie, 44)
  bytes.writeUInt32LE(1500, 52)
  bytes.writeUInt32LE(7, 56)
  bytes.writeUInt32LE(8, 60)
  bytes.writeUInt32LE(1000, 64)
  bytes.writeUInt32LE(4711, 68)
  for (const [offset, values] of Object.entries(changes)) bytes.set(values, Number(offset))
  return message(20, bytes)
}
