import type { Scheme } from '../../endpoint/types.ts'
import type { Row } from '../documents/types.ts'
import type { Topic } from './types.ts'

/** How the endpoints of each scheme are written, and what they are. A new scheme has to be here. */
const SCHEME_ROWS = {
  tcp: ['tcp://host:port', 'A TCP connection. What an endpoint without a scheme means'],
  tls: ['tls://host:port', 'A TCP connection under TLS; the same as --tls'],
  udp: [
    'udp://host:port',
    'Datagrams; what one peer sends is a conversation until it is silent for a minute',
  ],
  unix: ['unix:path', 'A unix stream socket; unix:@name is in the abstract namespace (Linux)'],
  ws: ['ws://host:port/path', 'A WebSocket; port 80 where none is given, and no path is /'],
  wss: ['wss://host:port/path', 'A WebSocket over TLS; port 443 where none is given'],
  socketio: ['socketio://host:port/name', 'Socket.IO; the path is the namespace'],
  socketios: ['socketios://host:port/name', 'Socket.IO over TLS'],
  fd: ['fd:number', 'A listening socket inherited from the parent process. For serve only'],
} as const satisfies Record<Scheme, Row>

/** The table of the schemes: how an endpoint is written; what it is. */
export const ENDPOINT_ROWS: readonly Row[] = Object.values(SCHEME_ROWS)

/** `sockctl help endpoints` and sockctl-endpoints(7) */
export const endpoints: Topic = {
  summary: 'How to write where to listen or connect',
  sections: [
    {
      title: 'Endpoints',
      body: ['An endpoint says where to listen or where to connect.', ENDPOINT_ROWS],
    },
    {
      title: 'Short forms',
      body: [
        [
          ['8080', 'Port 8080 of this machine'],
          [':8080', 'The same'],
          ['host:8080', 'A host, by name or by address'],
          ['host 8080', 'The same in two words, as in nc'],
          ['[::1]:8080', 'An IPv6 address stands in brackets before a port'],
          ['::1 8080', 'In two words it needs none'],
          ['host:https', 'A service name in place of the number'],
        ],
      ],
    },
    {
      title: 'Hosts',
      body: [
        `No host, and localhost, mean both loopbacks: 127.0.0.1 and ::1. serve listens on both, on the same port; connect tries both and names the one that answered. Any other name or address is taken as it is.`,
        `serve --public without a host listens on every interface, for IPv4 and IPv6.`,
      ],
    },
    {
      title: 'Ports',
      body: [
        `0 to 65535, or a service name: http, https, ssh, postgresql, redis and about thirty more, the same on every machine (/etc/services is not read). Listening on port 0 takes any port that is free; the real one is printed.`,
        `Ports below 1024 need a privilege on most systems.`,
      ],
    },
    {
      title: 'Unix sockets',
      body: [
        `A path has 107 bytes at most (103 on macOS); longer ones are refused, not cut. serve replaces the socket file of a server that has gone, never one that somebody answers on or a file that is not a socket, and removes its own at the end.`,
      ],
    },
  ],
}
