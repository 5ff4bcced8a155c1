import { usageError } from '../errors.ts'

const NAMED: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  0: '\0',
  e: '\x1b',
  '\\': '\\',
}

/**
 * Reads text as it is typed in a shell into bytes: `\n \r \t \0 \e \\`, `\xNN` for any byte, and
 * everything else as UTF-8.
 *
 * @throws ERR_USAGE on an escape that is not one of these
 */
export function parseEscapes(text: string): Buffer {
  const parts: Buffer[] = []
  const pattern = /\\x([0-9a-f]{2})|\\(.?)|[^\\]+/gis
  for (const [all, byte, name] of text.matchAll(pattern)) {
    if (byte !== undefined) {
      parts.push(Buffer.from(byte, 'hex'))
    } else if (name !== undefined) {
      const character = NAMED[name]
      if (character === undefined) {
        throw usageError(
          `"${all}" is not an escape`,
          'There are \\n \\r \\t \\0 \\e \\xNN and \\\\.',
        )
      }
      parts.push(Buffer.from(character))
    } else {
      parts.push(Buffer.from(all))
    }
  }
  return Buffer.concat(parts)
}
