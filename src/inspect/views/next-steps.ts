import { terminalText, textWidth } from '../../terminal-text.ts'
import type { ViewPaint } from './types.ts'

/** Something to type next, and what for. */
export interface Step {
  /** `Stop it` */
  readonly what: string
  readonly command: string
}

/** Writes the end of an answer: a blank line, then what to type next, the last of it last. */
export function* nextSteps(
  steps: readonly Step[],
  { strong }: Pick<ViewPaint, 'strong'>,
): Generator<string> {
  if (steps.length > 0) yield '\n'
  const width = Math.max(0, ...steps.map(({ what }) => textWidth(what) + 1))
  for (const { what, command } of steps) {
    const label = `${what}:`
    yield `${label}${' '.repeat(width - textWidth(label))} ${strong(terminalText(command))}\n`
  }
}
