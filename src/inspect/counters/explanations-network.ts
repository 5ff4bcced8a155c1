import type { CounterGroup } from './explanations.ts'

/**
 * What the counters below and beside TCP mean. Sources: Documentation/networking/snmp_counter.rst,
 * include/uapi/linux/snmp.h, and net/core/net-procfs.c of the kernel.
 */
export const NETWORK_GROUPS: readonly CounterGroup[] = [
  { title: 'UDP', counters: { ...udp('Udp'), ...udp('Udp6') } },
  {
    title: 'IP',
    counters: {
      IpInDiscards: 'packets dropped on arrival: no memory',
      IpOutNoRoutes: 'packets that could not be sent: no route',
      IpReasmFails: 'fragments that were never put together: some were lost',
      IpExtInNoRoutes: 'packets to forward dropped: no route',
      IpExtInNoECTPkts: 'packets without congestion marking',
      IpExtInCEPkts: 'packets that a router marked: congestion on the way',
      Ip6InDiscards: 'IPv6 packets dropped on arrival',
      Ip6OutNoRoutes: 'IPv6 packets that could not be sent: no route',
      Ip6ReasmFails: 'IPv6 fragments that were never put together',
    },
  },
  {
    title: 'Sockets now',
    counters: {
      SockstatSocketsUsed: 'sockets of every family',
      SockstatTCPInuse: 'TCP sockets over IPv4 that listen or are connected',
      SockstatTCP6Inuse: 'TCP sockets over IPv6 that listen or are connected',
      SockstatTCPOrphan: 'TCP sockets without a process, on the whole machine',
      SockstatTCPTw: 'connections in TIME_WAIT',
      SockstatTCPAlloc: 'TCP sockets in any condition, on the whole machine',
      SockstatTCPMem: 'pages of memory that TCP has, on the whole machine',
      SockstatUDPInuse: 'UDP sockets over IPv4',
      SockstatUDP6Inuse: 'UDP sockets over IPv6',
      SockstatUDPMem: 'pages of memory that UDP has, on the whole machine',
      SockstatRAWInuse: 'raw sockets over IPv4',
      SockstatRAW6Inuse: 'raw sockets over IPv6',
      SockstatFRAGInuse: 'packets of which fragments are missing',
    },
  },
  {
    title: 'This machine',
    counters: {
      SoftnetProcessed: 'packets that the processors took from the devices',
      SoftnetDropped: 'packets dropped, as a processor had too many waiting',
      SoftnetTimeSqueeze: 'times a processor stopped with packets left: its time was up',
      ConntrackCount: 'connections that the firewall tracks; at the limit new ones are dropped',
      FileNrAllocated: 'open files of all processes',
    },
  },
]

/** The counters of UDP have the same names for both families. */
function udp(prefix: 'Udp' | 'Udp6'): Readonly<Record<string, string>> {
  const family = prefix === 'Udp6' ? ' over IPv6' : ''
  return {
    [`${prefix}InDatagrams`]: `datagrams${family} handed to processes`,
    [`${prefix}OutDatagrams`]: `datagrams${family} sent`,
    [`${prefix}NoPorts`]: `datagrams${family} to a port where nobody is`,
    [`${prefix}InErrors`]: `datagrams${family} dropped on arrival, for any reason`,
    [`${prefix}RcvbufErrors`]: `datagrams${family} dropped: a receive buffer was full`,
    [`${prefix}SndbufErrors`]: `datagrams${family} not sent: a send buffer was full`,
    [`${prefix}InCsumErrors`]: `datagrams${family} with a wrong checksum`,
    [`${prefix}MemErrors`]: `datagrams${family} dropped: UDP was out of memory (udp_mem)`,
  }
}
