import type { OutputStream } from './context.ts'

export type ColorWhen = 'auto' | 'always' | 'never'

/** What colour says here: nothing is coloured for its looks. */
export interface Paint {
  /** What went wrong. */
  bad(text: string): string
  /** What deserves a look. */
  warn(text: string): string
  /** What went well, or is alive. */
  good(text: string): string
  /** What stands back: punctuation, repeated facts. */
  dim(text: string): string
  /** The word that the eye should find: headings, the answer. */
  strong(text: string): string
  /** Bytes from the peer. */
  inbound(text: string): string
  /** Bytes to the peer. */
  outbound(text: string): string
}

export const PLAIN: Paint = {
  bad: text => text,
  warn: text => text,
  good: text => text,
  dim: text => text,
  strong: text => text,
  inbound: text => text,
  outbound: text => text,
}

/**
 * Decides once whether a stream gets colour: `--color` > `NO_COLOR` > `FORCE_COLOR` > `TERM=dumb` >
 * whether it is a terminal (no-color.org, force-color.org).
 */
export function wantsColor(
  when: ColorWhen,
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (when !== 'auto') return when === 'always'
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  if (env.TERM === 'dumb') return false
  return stream.isTTY === true
}

/** The colours of a stream; chalk is loaded only where there is colour. */
export async function loadPaint(colored: boolean): Promise<Paint> {
  if (!colored) return PLAIN
  const { Chalk } = await import('chalk')
  // chalk would decide by itself, from argv and without NO_COLOR: its level is given instead.
  const chalk = new Chalk({ level: 1 })
  return {
    bad: text => chalk.red(text),
    warn: text => chalk.yellow(text),
    good: text => chalk.green(text),
    dim: text => chalk.dim(text),
    strong: text => chalk.bold(text),
    inbound: text => chalk.cyan(text),
    outbound: text => chalk.magenta(text),
  }
}
