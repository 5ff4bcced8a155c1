import type { Topic } from './types.ts'

/**
 * `sockctl help states`: the eleven states of RFC 9293 §3.3.2 by the names of ss(8). The times are
 * those of Linux with its default sysctls (net/ipv4/tcp_timer.c, include/net/tcp.h, tcp(7)).
 */
export const states: Topic = {
  summary: 'The eleven states of a TCP socket, and who has to act in each',
  sections: [
    {
      title: 'No connection',
      body: [
        [
          ['unconnected', 'CLOSED in RFC 9293. Usual for UDP and unix sockets'],
          ['bound-inactive', 'The same with a port that is taken by it (told by Linux 6.8)'],
          ['listen', 'Waits for connections. Its queue fills: the program does not accept'],
        ],
      ],
    },
    {
      title: 'Opening',
      body: [
        [
          ['syn-sent', 'We asked: no answer. The network drops it; ends after about 2 min'],
          ['syn-recv', 'They asked, we answered, they do not confirm; ends after 63 s'],
        ],
      ],
    },
    {
      title: 'Open',
      body: [[['established', 'Both may send. No time limit: a dead peer is found by keep-alive']]],
    },
    {
      title: 'We closed first',
      body: [
        [
          ['fin-wait-1', 'Not confirmed: the peer has gone, or it no longer reads'],
          ['fin-wait-2', 'Confirmed: the peer has to close. 60 s, or for ever while held here'],
          ['closing', 'Both closed at once, ours is not confirmed. Rare: packets get lost'],
          ['time-wait', 'Over: late packets die out, 60 s, fixed. Costs no memory worth naming'],
        ],
      ],
    },
    {
      title: 'The peer closed first',
      body: [
        [
          ['close-wait', 'The program here has to close. No timer ends it: many are a leak'],
          ['last-ack', 'We closed too, not confirmed: the peer has gone'],
        ],
      ],
    },
  ],
}
