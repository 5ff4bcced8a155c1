import { formatNumber } from '../../units.ts'
import { growth, growthPerSecond } from './groups.ts'
import type { Rule } from './types.ts'
import { counted, endText, holderText, percentText, pidsOf } from './words.ts'

/** Datagrams that are lost because nobody reads them in time. */
export const udpDrops: Rule = {
  id: 'udp.rcvbuf-drops',
  severity: 'warning',
  title: 'A process loses datagrams because it does not read fast enough',
  explanation:
    'Datagrams that find the receive buffer full are dropped, and neither end is told. The process reads too slowly, or they come in bursts that are larger than its buffer.',
  check: situation => {
    const { earlier, sockets } = situation
    if (earlier === undefined) return []
    const dropping = (['udp', 'udplite'] as const)
      .flatMap(protocol => [
        ...sockets.of(protocol, 'unconnected'),
        ...sockets.of(protocol, 'established'),
      ])
      .flatMap(record => {
        const before = earlier.sockets.find(record)?.drops
        const lost = (record.drops ?? 0) - (before ?? record.drops ?? 0)
        return lost > 0 ? [{ record, lost }] : []
      })
    const found = dropping.map(({ record, lost }) => {
      const ownership = situation.ownershipOf(record)
      const { memory, receiveQueue = 0 } = record
      return {
        summary: `${holderText(ownership)} lost ${counted(lost, 'datagram')} on ${endText(record.local)} just now`,
        evidence: [
          `${formatNumber(record.drops ?? 0)} lost since it was opened`,
          memory === undefined
            ? `${formatNumber(receiveQueue)} bytes wait to be read`
            : `its buffer of ${formatNumber(memory.receiveLimitBytes)} bytes is filled to ${percentText(memory.receiveBytes, Math.max(1, memory.receiveLimitBytes))}`,
        ],
        advice: [
          { text: 'Let it read faster, or leave work on a datagram for later.' },
          {
            text: 'Against bursts: a larger buffer (SO_RCVBUF; in Node: recvBufferSize), which the kernel has to allow:',
            command: 'sudo sysctl net.core.rmem_max=8388608',
          },
        ],
        sockets: [record],
        pids: pidsOf(ownership),
      }
    })
    if (found.length > 0) return found
    const lost = growth(situation, 'UdpRcvbufErrors') ?? 0
    if (lost === 0) return []
    return [
      {
        summary: `${counted(lost, 'datagram')} ${lost === 1 ? 'was' : 'were'} lost just now, because a receive buffer was full`,
        evidence: ['which socket it was is not known'],
        advice: [{ text: 'See who has unread datagrams:', command: 'sockctl inspect -ua' }],
      },
    ]
  },
}

/** Datagrams for ports that nobody has open. */
export const udpNoPorts: Rule = {
  id: 'udp.no-ports',
  severity: 'note',
  title: 'Many datagrams come for ports that nobody has open',
  explanation:
    'A program sends to a server that does not run here, or somebody looks for open ports. The kernel answers each with an ICMP message, as far as its limits allow.',
  check: situation => {
    const rate = growthPerSecond(situation, 'UdpNoPorts') ?? 0
    if (rate < situation.thresholds['udp-no-ports']) return []
    return [
      {
        summary: `${formatNumber(rate)} datagrams a second come for ports that nobody has open`,
        evidence: [`UdpNoPorts grew by ${formatNumber(growth(situation, 'UdpNoPorts') ?? 0)}`],
        advice: [
          {
            text: 'See where they come from, and for which port:',
            command:
              "sudo tcpdump -ni any 'icmp[icmptype] == icmp-unreach and icmp[icmpcode] == 3'",
          },
        ],
      },
    ]
  },
}

/** No memory left for datagrams. */
export const udpMemory: Rule = {
  id: 'udp.mem',
  severity: 'problem',
  title: 'The memory for datagrams is used up',
  explanation:
    'All UDP sockets of the machine share a limit (udp_mem). Above it every datagram is dropped, whatever buffer its socket has. Most often one process does not read.',
  check: situation => {
    const pages = situation.system.counter('SockstatUDPMem')
    const most = situation.system.setting('net/ipv4/udp_mem')?.[2]
    const failed = growth(situation, 'UdpMemErrors') ?? 0
    const isFull = pages !== undefined && most !== undefined && pages >= most
    if (!isFull && failed === 0) return []
    return [
      {
        summary: 'the memory for datagrams is used up: they are dropped',
        evidence: [
          ...(pages === undefined || most === undefined
            ? []
            : [`${formatNumber(pages)} of ${formatNumber(most)} pages`]),
          ...(failed > 0 ? [`${counted(failed, 'datagram')} dropped for it just now`] : []),
        ],
        advice: [{ text: 'Find the socket that nobody reads:', command: 'sockctl inspect -ua' }],
      },
    ]
  },
}
