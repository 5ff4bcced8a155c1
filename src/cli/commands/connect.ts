import type { CommandDefinition } from './types.ts'

/** Being written. */
export const connectCommand: CommandDefinition<never> = {
  name: 'connect',
  summary: 'connect',
  usage: [],
  examples: [],
  options: [],
}
