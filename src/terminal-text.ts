import widthOf from 'fast-string-width'

/**
 * What a terminal obeys or hides instead of showing: C0 and C1 controls, DEL, the bidirectional
 * overrides and isolates, zero-width characters, line separators, tags, and lone surrogates.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/**
 * Makes text from outside (process names, paths, peers' bytes) safe to print on a terminal: what
 * would move the cursor, change the order of the letters or stay invisible is written as an escape
 * (`\n`, `\x1b`, `\u{202e}`). The result is one line.
 */
export function terminalText(text: string): string {
  return text.replace(UNSAFE, escapeOf)
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapeOf(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  const point = character.codePointAt(0) ?? 0
  return point <= 0xff ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`
}

/**
 * Makes serialised JSON safe to print: the same characters as \uXXXX, so that a parser reads back
 * what was there. JSON.stringify escapes only some of them; line breaks between values are kept.
 */
export function terminalJson(json: string): string {
  return PRINTABLE_ASCII.test(json) ? json : json.replace(UNSAFE, jsonEscapeOf)
}

const PRINTABLE_ASCII = /^[\n -~]*$/

function jsonEscapeOf(character: string): string {
  if (character < ' ') return character
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('')
}

/**
 * Tells how many columns of a terminal a text takes: two for a letter of Chinese, none for an accent
 * of its own. What has one for each letter is told without the package, which takes Node 3 ms to load.
 */
export function textWidth(text: string): number {
  return ONE_COLUMN_EACH.test(text) ? text.length : widthOf(text)
}

const ONE_COLUMN_EACH = /^[ -~]*$/

/**
 * Finds the word that somebody who typed `word` most likely meant, or undefined when none is near.
 */
export function closestWord(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 2)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return bestDistance <= 3 ? best : undefined
}

/** Edits between two words, a swap of neighbours counting as one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? 0
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) edits = Math.min(edits, cell(i - 2, j - 2) + 1)
      rows[i]?.splice(j, 1, edits)
    }
  }
  return cell(a.length, b.length)
}
