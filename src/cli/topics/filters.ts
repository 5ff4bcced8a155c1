import type { Topic } from './types.ts'

/** `sockctl help filters`: the filter language of ss(8), and what goes beyond it, on a screen. */
export const filters: Topic = {
  summary: 'How to say which sockets: the language of ss, and more',
  sections: [
    {
      title: 'Filters',
      body: [
        `  sockctl inspect sport = :80 or dport = :443
  sockctl inspect state close-wait,last-ack and process = node
  sockctl inspect '(dst 10/8 or dst [fd00::/8]) and not rtt < 50ms'`,
        `Tests are joined by and, or, not and brackets, from left to right as in ss; two side by side mean and. Quote what the shell takes: ( ) < > ! * &`,
      ],
    },
    {
      title: 'Tests of ss',
      body: [
        [
          ['src dst', '10.0.0.0/8, 127/8, 10.1.2.3:80, [::1]:22, host, unix:/tmp/*'],
          ['sport dport', ':80, https, 3000-3010, 80,443 at this end, at the other end'],
          ['state, exclude', 'listen, estab, time-wait; all, connected, synchronized, bucket'],
          ['dev, fwmark', 'The interface it is bound to; its mark: 0x10/0xf0'],
          ['cgroup', 'Where it was made: /system.slice/nginx.service'],
          ['autobound', 'The system has chosen its port or name'],
        ],
      ],
    },
    {
      title: 'More',
      body: [
        [
          ['port', 'A port at either end; a number alone means the same'],
          ['pid, process', 'Who holds it. process has node: a part of the name'],
          ['user, uid, inode', 'Who made it; what /proc/PID/fd calls it'],
          ['rxq, txq', 'Bytes that wait: rxq gt 64KiB'],
          ['rtt, retrans', 'Round trip of TCP: rtt gt 10ms; segments sent again'],
          ['container, unit', 'Where its holder runs. netns: its network namespace'],
          ['= != has', 'eq, ne; left out it is =. Several values: pid = 1,2'],
          ['> < >= <=', 'gt lt ge le, which need no quotes'],
        ],
      ],
    },
  ],
}
