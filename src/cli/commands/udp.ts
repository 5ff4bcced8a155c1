import type { CommandDefinition } from './types.ts'

/** Being written. */
export const udpCommand: CommandDefinition<never> = {
  name: 'udp',
  summary: 'udp',
  usage: [],
  examples: [],
  options: [],
}
