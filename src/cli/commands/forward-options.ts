import { BALANCES, type Balance } from '../../handlers/forward/targets.ts'
import { parseDuration } from '../../units.ts'
import type { OptionGroup } from './types.ts'

/** How `--forward` goes about it. */
export interface ForwardFlags {
  readonly balance?: Balance
  readonly health?: number
  readonly connectTimeout: number
}

/** The options of forwarding, and of proxies where they connect too. */
export const FORWARD_OPTIONS: OptionGroup = {
  title: 'Where --forward and the proxies connect to',
  options: [
    {
      flags: '--balance <how>',
      text: 'With several --forward: take turns, the fewest open, or by the address of the client',
      choices: BALANCES,
      defaultText: 'round-robin',
    },
    {
      flags: '--health <time>',
      text: 'Ask every target so often, and leave out those that do not answer',
      parse: parseDuration,
    },
    {
      flags: '--connect-timeout <time>',
      text: 'How long connecting to one may take',
      parse: parseDuration,
      defaultValue: 10_000,
      defaultText: '10s',
    },
  ],
}
