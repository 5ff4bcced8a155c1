/** The reversed polynomial of Castagnoli (RFC 9260, appendix A). */
const POLYNOMIAL = 0x82f63b78

/** The CRC-32C of these bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let sum = ~0
  for (const byte of bytes) {
    sum ^= byte
    // Bit by bit: it is a few hundred bytes once per connection, and most have no sum at all.
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (POLYNOMIAL & -(sum & 1))
  }
  return ~sum >>> 0
}
