import type { CommandDefinition } from './types.ts'

/** Being written. */
export const inspectCommand: CommandDefinition<never> = {
  name: 'inspect',
  summary: 'inspect',
  usage: [],
  examples: [],
  options: [],
}
