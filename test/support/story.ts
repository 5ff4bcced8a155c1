import type { Outcome } from './sockctl.ts'

/** The sentence that answers. */
export function answerOf({ stdout }: Pick<Outcome, 'stdout'>): string {
  return stdout.split('\n')[0] ?? ''
}

/** What to type next: the last line. */
export function adviceOf({ stdout }: Pick<Outcome, 'stdout'>): string {
  return stdout.trimEnd().split('\n').at(-1) ?? ''
}

/** What stands behind a label of a report: `chain`, `clients`. Undefined: nothing is said of it. */
export function factOf({ stdout }: Pick<Outcome, 'stdout'>, label: string): string | undefined {
  return stdout
    .split('\n')
    .find(line => line.startsWith(`  ${label} `))
    ?.slice(label.length + 2)
    .trim()
}

/** Advice would be for npx, where the tests themselves run in it. */
export const TYPED_BY_HAND = { npm_lifecycle_event: '' }
