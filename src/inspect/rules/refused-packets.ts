import { formatNumber } from '../../units.ts'
import { growth, lately } from './groups.ts'
import type { Rule } from './types.ts'
import { counted } from './words.ts'

/** Packets that arrived, and that nobody had time for. */
export const backlogDrops: Rule = {
  id: 'sys.backlog-drop',
  severity: 'warning',
  title: 'Packets that have arrived are dropped, because nobody has time for them',
  explanation:
    'The kernel queues packets for a processor, and for a socket whose process holds its lock. When such a queue is full they are dropped, and have to be sent again.',
  check: situation => {
    const perSocket = growth(situation, 'TcpExtTCPBacklogDrop') ?? 0
    const perProcessor = growth(situation, 'SoftnetDropped') ?? 0
    if (perSocket + perProcessor === 0) return []
    return [
      {
        summary: `${counted(perSocket + perProcessor, 'packet')} ${perSocket + perProcessor === 1 ? 'was' : 'were'} dropped on arrival ${lately(situation)}`,
        evidence: [
          `${formatNumber(perSocket)} at sockets, ${formatNumber(perProcessor)} at processors (softnet_stat)`,
        ],
        advice: [
          { text: 'See whether one processor does all the work:', command: 'mpstat -P ALL 1 3' },
          {
            text: 'Against bursts, a longer queue for processors:',
            command: 'sudo sysctl net.core.netdev_max_backlog=5000',
          },
        ],
      },
    ]
  },
}

/** Packets that are refused before a socket sees them. */
export const droppedBefore: Rule = {
  id: 'sys.filtered',
  severity: 'note',
  title: 'Packets are refused by a check before any socket sees them',
  explanation:
    'A signature that is missing or wrong (MD5, TCP-AO), a hop limit (GTSM), or a route back that leads elsewhere (rp_filter): the sender gets no answer, as with a firewall that drops.',
  check: situation => {
    const reasons = CHECKS.map(([counter, text]) => ({
      text,
      count: growth(situation, counter) ?? 0,
    })).filter(({ count }) => count > 0)
    if (reasons.length === 0) return []
    const total = reasons.reduce((sum, { count }) => sum + count, 0)
    return [
      {
        summary: `${counted(total, 'packet')} ${total === 1 ? 'was' : 'were'} refused by a check ${lately(situation)}`,
        evidence: reasons.map(({ text, count }) => `${formatNumber(count)}: ${text}`),
        advice: [
          reasons.some(({ text }) => text.includes('rp_filter'))
            ? {
                text: 'Is the way back the way they came?',
                command: 'sysctl -a --pattern rp_filter',
              }
            : { text: 'Compare the key and the settings of both ends (BGP, most often).' },
        ],
      },
    ]
  },
}

const CHECKS = [
  ['TcpExtTCPMD5NotFound', 'an MD5 signature was expected (RFC 2385)'],
  ['TcpExtTCPMD5Unexpected', 'an MD5 signature was not expected'],
  ['TcpExtTCPMD5Failure', 'an MD5 signature was wrong'],
  ['TcpExtTCPAOBad', 'a TCP-AO signature was wrong (RFC 5925)'],
  ['TcpExtTCPAOKeyNotFound', 'a TCP-AO key is not known'],
  ['TcpExtTCPMinTTLDrop', 'they came from too far (IP_MINTTL)'],
  ['TcpExtIPReversePathFilter', 'the way back leads elsewhere (rp_filter)'],
] as const

/** Segments whose timestamps are too old. */
export const pawsRejects: Rule = {
  id: 'sys.paws',
  severity: 'note',
  title: 'Segments are refused because their timestamps are too old',
  explanation:
    'Several clients behind one address (NAT) have clocks of their own, and their segments look old to each other (PAWS, RFC 7323 §5). It is what tcp_tw_recycle once made of whole connections; that setting is gone since Linux 4.12 and must not come back.',
  check: situation => {
    const rejected = PAWS.reduce((sum, counter) => sum + (growth(situation, counter) ?? 0), 0)
    if (rejected === 0) return []
    return [
      {
        summary: `${counted(rejected, 'segment')} ${rejected === 1 ? 'was' : 'were'} refused for ${rejected === 1 ? 'its' : 'their'} timestamps ${lately(situation)}`,
        evidence: PAWS.map(counter => `${counter} ${growth(situation, counter) ?? 0}`),
        advice: [
          {
            text: 'See whether the peers share an address (NAT, a load balancer): it has to leave timestamps alone, or make its own.',
          },
        ],
      },
    ]
  },
}

const PAWS = [
  'TcpExtPAWSActive',
  'TcpExtPAWSEstab',
  'TcpExtPAWSTimewait',
  'TcpExtTSEcrRejected',
] as const
