/** A piece of prose: a paragraph to be filled, or lines to be kept as they are. */
export type Piece =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'verbatim'; readonly lines: readonly string[] }

/**
 * Splits prose into its pieces. An empty line ends a paragraph, whose lines are joined: how wide it
 * becomes is for whoever writes it down. Lines that start with two blanks are verbatim, and are
 * given without those two.
 */
export function splitProse(prose: string): readonly Piece[] {
  const pieces: Piece[] = []
  let run: { verbatim: boolean; lines: string[] } | undefined
  const endRun = (): void => {
    if (run === undefined) return
    const { verbatim, lines } = run
    run = undefined
    if (verbatim) pieces.push({ kind: 'verbatim', lines: withoutLastEmpty(lines) })
    else pieces.push({ kind: 'paragraph', text: lines.join(' ') })
  }
  for (const line of prose.split('\n')) {
    const verbatim = line.startsWith('  ')
    const empty = line.trim() === ''
    if (empty && run?.verbatim === true) {
      run.lines.push('')
    } else if (empty) {
      endRun()
    } else {
      if (run?.verbatim !== verbatim) endRun()
      run ??= { verbatim, lines: [] }
      run.lines.push(verbatim ? line.slice(2).trimEnd() : line.trim())
    }
  }
  endRun()
  return pieces
}

/** Empty lines stay between verbatim lines, not after them. */
function withoutLastEmpty(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex(line => line !== '')
  return lines.slice(0, last + 1)
}
