import { usageError } from '../errors.ts'

/**
 * Reads bytes as people write them: `0100af`, `01 00 af`, `01:00:AF`, `0x01 0x00 0xaf`.
 *
 * @throws ERR_USAGE
 */
export function parseHex(text: string): Buffer {
  const digits = text.replace(/\b0x|[\s:,-]/gi, '')
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) {
    throw usageError(`not bytes in hex: "${text}"`, 'Write two digits per byte: 01 00 af')
  }
  return Buffer.from(digits, 'hex')
}
