import type { Topic } from './types.ts'

/**
 * `sockctl help states`: the eleven states of RFC 9293 §3.3.2 by the names of ss(8). The times are
 * those of Linux with its default sysctls (net/ipv4/tcp_timer.c, include/net/tcp.h, tcp(7)).
 */
export const states: Topic = {
  summary: 'The states of a TCP socket, and who has to act',
  sections: [
    {
      title: 'No connection',
      body: [
        [
          ['unconnected', 'CLOSED in RFC 9293. Usual for UDP and unix sockets'],
          ['bound-inactive', 'The same, and it holds a port (as told by Linux 6.8 and later)'],
          ['listen', 'Waits for connections. Queue full: the program does not accept'],
        ],
      ],
    },
    {
      title: 'Opening',
      body: [
        [
          ['syn-sent', 'We asked, nothing came back: dropped on the way. Ends after 2 min'],
          ['syn-recv', 'They asked, we answered, they do not confirm. Ends after 63 s'],
          ['established', 'Open: both may send. No time limit, even if the peer vanished'],
        ],
      ],
    },
    {
      title: 'We closed first',
      body: [
        [
          ['fin-wait-1', 'Not confirmed: the peer has gone, or no longer reads'],
          ['fin-wait-2', 'The peer has to close. tcp_fin_timeout counts once nobody holds it'],
          ['closing', 'Both closed at once, ours is not confirmed. Rare'],
          ['time-wait', 'Over. 60 s for late packets: no setting changes it. Held by nobody'],
        ],
      ],
    },
    {
      title: 'The peer closed first',
      body: [
        [
          ['close-wait', 'The program has to close: no timer or setting does. Many: a leak'],
          ['last-ack', 'We closed too, not confirmed: the peer has gone'],
        ],
      ],
    },
  ],
}
