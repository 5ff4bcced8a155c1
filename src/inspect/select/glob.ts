/**
 * Makes the test of a pattern as fnmatch(3) does it with FNM_CASEFOLD, the way of ss(8) with paths:
 * `*` stands for any characters, also slashes, `?` for one, `[a-z]` and `[!a-z]` for one of several,
 * and a backslash makes the next character stand for itself. It takes time in proportion to pattern
 * and text, whatever they are.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const pieces = parsePattern([...pattern])
  return text => matches(pieces, [...text])
}

type Piece = '*' | ((character: string) => boolean)

/** Each star is settled by the one after it: only the last one has to be tried again. */
function matches(pieces: readonly Piece[], text: readonly string[]): boolean {
  let piece = 0
  let star = -1
  let starAt = 0
  for (let at = 0; at < text.length; ) {
    const current = pieces[piece]
    if (current === '*') {
      star = piece++
      starAt = at
    } else if (current?.(text[at] ?? '') === true) {
      piece++
      at++
    } else if (star >= 0) {
      piece = star + 1
      at = ++starAt
    } else return false
  }
  return pieces.slice(piece).every(one => one === '*')
}

function parsePattern(pattern: readonly string[]): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at] ?? ''
    const set = character === '[' ? parseSet(pattern, at) : undefined
    if (set !== undefined) {
      pieces.push(set.piece)
      at = set.end
    } else if (character === '*') {
      pieces.push('*')
      at++
    } else if (character === '?') {
      pieces.push(() => true)
      at++
    } else {
      const isEscape = character === '\\' && at + 1 < pattern.length
      pieces.push(equals(isEscape ? (pattern[at + 1] ?? '') : character))
      at += isEscape ? 2 : 1
    }
  }
  return pieces
}

/** A bracket that is never closed stands for itself. */
function parseSet(
  pattern: readonly string[],
  start: number,
): { readonly piece: Piece; readonly end: number } | undefined {
  let at = start + 1
  const isNegated = pattern[at] === '!' || pattern[at] === '^'
  if (isNegated) at++
  const ranges: (readonly [string, string])[] = []
  for (let isFirst = true; isFirst || pattern[at] !== ']'; isFirst = false) {
    if (at >= pattern.length) return undefined
    if (pattern[at] === '\\' && at + 1 < pattern.length) at++
    const first = folded(pattern[at] ?? '')
    const last = pattern[at + 2]
    const isRange = pattern[at + 1] === '-' && last !== undefined && last !== ']'
    ranges.push([first, isRange ? folded(last) : first])
    at += isRange ? 3 : 1
  }
  const has = (character: string): boolean => {
    const one = folded(character)
    return ranges.some(([first, last]) => one >= first && one <= last)
  }
  return { piece: character => has(character) !== isNegated, end: at + 1 }
}

function equals(wanted: string): Piece {
  const one = folded(wanted)
  return character => folded(character) === one
}

function folded(character: string): string {
  return character.toLowerCase()
}
