import { usageError } from '../errors.ts'

/**
 * Reads bytes as people write them: `0100af`, `01 00 af`, `01:00:AF`, `0x01 0x00 0xaf`.
 *
 * @throws ERR_USAGE
 */
export function parseHex(text: string): Buffer {
  const groups = text.split(/[\s:,-]+/).filter(group => group !== '')
  const digits = groups.map(group => /^(?:0x)?((?:[\da-f]{2})+)$/i.exec(group)?.[1])
  if (digits.includes(undefined)) {
    throw usageError(`not bytes in hex: "${text}"`, 'Write two digits per byte: 01 00 af')
  }
  return Buffer.from(digits.join(''), 'hex')
}
