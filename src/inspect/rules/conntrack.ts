import { formatNumber } from '../../units.ts'
import type { Rule } from './types.ts'
import { percentText } from './words.ts'

/** The firewall cannot remember more connections. */
export const conntrackFull: Rule = {
  id: 'sys.conntrack-full',
  severity: 'problem',
  title: "The firewall's table of connections is full",
  explanation:
    'A firewall that knows connections (nf_conntrack) keeps them in a table of limited size. When it is full, packets of new connections are dropped: they time out, while everything else looks idle. The kernel log says "nf_conntrack: table full, dropping packet".',
  check({ system, thresholds }) {
    const [count] = system.setting('net/netfilter/nf_conntrack_count') ?? []
    const [most] = system.setting('net/netfilter/nf_conntrack_max') ?? []
    if (count === undefined || most === undefined || most === 0) return []
    const percent = (count / most) * 100
    if (percent < thresholds.conntrack) return []
    const isFull = percent >= thresholds['conntrack-full']
    return [
      {
        severity: isFull ? 'problem' : 'warning',
        summary: `the firewall knows ${formatNumber(count)} connections of at most ${formatNumber(most)} (${percentText(count, most)})${isFull ? ': new ones are dropped' : ''}`,
        evidence: ['net.netfilter.nf_conntrack_count and nf_conntrack_max'],
        advice: [
          { text: 'See what they are:', command: 'sudo conntrack -S' },
          {
            text: 'Make fewer short connections, or leave connections out of it that need no state (notrack).',
          },
          {
            text: 'Last, a larger table:',
            command: `sudo sysctl net.netfilter.nf_conntrack_max=${most * 2}`,
          },
        ],
      },
    ]
  },
}
