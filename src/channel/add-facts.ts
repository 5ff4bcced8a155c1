import type { Channel } from './types.ts'

/** Says more about a conversation than its transport knows: who it is with. */
export function addFacts(channel: Channel, facts: Channel['facts']): void {
  Object.defineProperty(channel, 'facts', { value: { ...channel.facts, ...facts } })
}
