import { isUtf8 } from 'node:buffer'
import { terminalText, textWidth } from '../terminal-text.ts'

export interface PayloadTextOptions {
  /** As hex, also where it is text. */
  readonly hex?: boolean | undefined
  /** Columns that there are; what is longer is cut and ends in `…`. Undefined: nothing is cut. */
  readonly width?: number | undefined
}

/**
 * Shows a peer's bytes on one line: as text where they are text (a line break is `\n` then), as
 * pairs of hex digits where they are not. Safe on a terminal.
 */
export function payloadText(data: Buffer, { hex, width }: PayloadTextOptions = {}): string {
  if (data.length === 0) return '(empty)'
  // No character takes more than 4 bytes: what is behind these could not be seen anyway.
  const seen = width === undefined ? data : wholeCharacters(data, width * 4)
  const text = hex !== true && isPrintable(seen) ? terminalText(seen.toString()) : hexPairs(seen)
  return width === undefined ? text : cut(text, width)
}

/** Whether bytes are text that a person would want to read, and nothing else. */
function isPrintable(data: Buffer): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
  return isUtf8(data) && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(`${data}`)
}

/** At most so many bytes, without the first half of a UTF-8 character at the end. */
function wholeCharacters(data: Buffer, bytes: number): Buffer {
  let end = Math.min(bytes, data.length)
  while (end > 0 && end < data.length && ((data[end] ?? 0) & 0xc0) === 0x80) end--
  return data.subarray(0, end)
}

function hexPairs(data: Buffer): string {
  return data.toString('hex').replace(/..(?!$)/g, '$& ')
}

function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let keptWidth = 0
  for (const character of text) {
    keptWidth += textWidth(character)
    if (keptWidth > width - 1) break
    kept += character
  }
  return `${kept}…`
}
