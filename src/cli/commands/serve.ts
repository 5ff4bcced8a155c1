import type { CommandDefinition } from './types.ts'

/** Being written. */
export const serveCommand: CommandDefinition<never> = {
  name: 'serve',
  summary: 'serve',
  usage: [],
  examples: [],
  options: [],
}
