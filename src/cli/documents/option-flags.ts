import type { OptionDefinition } from '../commands/types.ts'

/** What stands in an option's `flags`, taken apart. */
export interface OptionFlags {
  /** `-q` */
  readonly short: string | undefined
  /** `--quiet` */
  readonly long: string | undefined
  /** What follows it, without brackets: `time`, `file`. Undefined: the option is a switch. */
  readonly value: string | undefined
  /** `--watch [time]`: the value may be left out. */
  readonly isValueOptional: boolean
}

/** Takes commander's notation apart: `-q, --quiet`, `--idle <time>`, `--watch [time]`. */
export function readFlags({ flags }: Pick<OptionDefinition, 'flags'>): OptionFlags {
  const words = flags.split(/[ ,|]+/)
  const [, bracket, value] = /([<[])([^>\]]*?)(?:\.\.\.)?[>\]]/.exec(flags) ?? []
  return {
    short: words.find(word => /^-[^-]$/.test(word)),
    long: words.find(word => word.startsWith('--')),
    value,
    isValueOptional: bracket === '[',
  }
}
