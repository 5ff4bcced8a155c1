import { formatBytes, formatNumber } from '../../units.ts'
import { growth } from './groups.ts'
import type { Observation, Rule, Situation } from './types.ts'
import { connectionText, counted, percentText } from './words.ts'

/** The memory for TCP is used up. */
export const tcpPressure: Rule = {
  id: 'mem.tcp-pressure',
  severity: 'problem',
  title: 'The memory for TCP runs out',
  explanation:
    'All TCP sockets of the machine share tcp_mem: above its second number the kernel makes buffers smaller and throws away what it can, above the third it drops data and resets connections. Most often a few sockets hold it, with data that nobody reads.',
  check: situation => {
    const { system } = situation
    const pages = system.counter('SockstatTCPMem')
    const [, pressure, most] = system.setting('net/ipv4/tcp_mem') ?? []
    const aborted = growth(situation, 'TcpExtTCPAbortOnMemory') ?? 0
    const isOver = pages !== undefined && pressure !== undefined && pages >= pressure
    if (!isOver && aborted === 0) return []
    const isFull = (isOver && most !== undefined && pages >= most) || aborted > 0
    const pruned = growth(situation, 'TcpExtPruneCalled') ?? 0
    return [
      {
        severity: isFull ? 'problem' : 'warning',
        summary: isFull
          ? 'the memory for TCP is used up: data is dropped and connections are reset'
          : 'the memory for TCP runs out: the kernel makes buffers smaller',
        evidence: [
          ...(pages === undefined || most === undefined
            ? []
            : [
                `${formatNumber(pages)} of ${formatNumber(most)} pages (${percentText(pages, most)})`,
              ]),
          ...(aborted > 0 ? [`${counted(aborted, 'connection')} reset for it just now`] : []),
          ...(pruned > 0 ? [`buffers made smaller ${counted(pruned, 'time')} just now`] : []),
          ...largest(situation),
        ],
        advice: [
          { text: 'See who does not read, or is not read:', command: 'sockctl inspect -tanp' },
          {
            text: 'Only for a machine that really has so many connections: raise net.ipv4.tcp_mem.',
          },
        ],
      },
    ]
  },
}

/** Sockets that no process holds, and the kernel has still to finish. */
export const manyOrphans: Rule = {
  id: 'orphans.many',
  severity: 'note',
  title: 'Many connections were closed and are not done',
  explanation:
    'After close() the kernel still delivers what is left, and waits for the peer. Above tcp_max_orphans, or sooner when memory is short, it resets them instead, and what was not delivered is lost.',
  check: situation => orphans(situation),
}

function orphans({ system, thresholds }: Situation): Observation[] {
  const count = system.counter('SockstatTCPOrphan')
  const [most] = system.setting('net/ipv4/tcp_max_orphans') ?? []
  if (count === undefined) return []
  const isFull = most !== undefined && most > 0 && count >= most * 0.8
  if (count < thresholds.orphans && !isFull) return []
  return [
    {
      severity: isFull ? 'problem' : 'note',
      summary: `${counted(count, 'connection')} of this machine ${count === 1 ? 'was' : 'were'} closed and ${count === 1 ? 'is' : 'are'} not done`,
      evidence: most === undefined ? [] : [`the kernel keeps ${formatNumber(most)} at most`],
      advice: [
        {
          text: 'See which peers do not confirm:',
          command: 'sockctl inspect --state fin-wait-1,fin-wait-2,last-ack',
        },
      ],
    },
  ]
}

/** The connections with the most memory, where the kernel told it. */
function largest({ snapshot }: Situation): string[] {
  return snapshot.records
    .filter(({ protocol }) => protocol === 'tcp')
    .map(record => {
      const { memory } = record
      const bytes = memory === undefined ? 0 : memory.receiveBytes + memory.sendQueueBytes
      return { record, bytes }
    })
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ record, bytes }) => `${connectionText(record)}  ${formatBytes(bytes)}`)
}
