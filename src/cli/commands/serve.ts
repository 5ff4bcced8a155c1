import { FRAMINGS, type Framing } from '../../channel/framing.ts'
import { parsePort } from '../../endpoint/host-and-port.ts'
import { parseCount, parseDuration, parseRate, parseSize } from '../../units.ts'
import { ACCESS_NOTE, ACCESS_OPTIONS, type AccessFlags } from './access-options.ts'
import { ANNOUNCEMENT_NOTE, ANNOUNCEMENT_OPTIONS } from './announcement-options.ts'
import { COLOR_OPTION } from './color-option.ts'
import { FORWARD_NOTE, FORWARD_OPTIONS, type ForwardFlags } from './forward-options.ts'
import { SERVE_PROXY_NOTE, SERVE_PROXY_OPTIONS, type ServeProxyFlags } from './proxy-options.ts'
import { runServe } from './serve/run.ts'
import { SERVE_TLS_NOTE, SERVE_TLS_OPTIONS, type ServeTlsFlags } from './serve-tls-options.ts'
import { SOCKETIO_OPTIONS, type SocketIoFlags } from './socketio-options.ts'
import type { CommandDefinition } from './types.ts'
import {
  WEB_SERVE_OPTIONS,
  WEBSOCKET_SERVE_OPTIONS,
  type WebSocketServeFlags,
} from './websocket-options.ts'

/** What `sockctl serve` is given on the command line. */
export interface ServeFlags
  extends AccessFlags,
    ForwardFlags,
    ServeProxyFlags,
    ServeTlsFlags,
    WebSocketServeFlags,
    SocketIoFlags {
  readonly port?: number
  readonly unix?: string
  readonly public?: true
  readonly ipv4?: true
  readonly ipv6?: true
  readonly backlog?: number
  readonly echo?: true
  readonly relay?: true
  readonly forward?: readonly string[]
  readonly exec?: string
  readonly shell?: true
  readonly reply?: string
  readonly replyFile?: string
  readonly discard?: true
  readonly attach?: true
  readonly hang?: true
  readonly chargen?: true
  readonly lines?: true
  readonly framing?: Framing
  readonly slow?: 'block' | 'drop-oldest' | 'kick'
  readonly maxConns?: number
  readonly once?: true
  readonly accepts?: number
  readonly for?: number
  readonly idle?: number
  readonly maxBytes?: number
  readonly rate?: number
  readonly grace: number
  readonly portFile?: string
  readonly readyFd?: number
  readonly json?: true
  readonly quiet?: true
  readonly hex?: true
  readonly color: 'auto' | 'always' | 'never'
}

/** `sockctl serve` */
export const serveCommand: CommandDefinition<ServeFlags> = {
  name: 'serve',
  summary: 'Listen, and do something with every connection',
  usage: ['[endpoint...] [handler] [options] [-- command]'],
  takesCommand: true,
  examples: [
    { command: 'sockctl serve --port 8080', what: 'echo whatever arrives' },
    { command: 'sockctl serve :8080 --forward localhost:3000', what: 'pass on to another port' },
    { command: "sockctl serve :7000 --exec 'sort -u'", what: 'a command per connection' },
    { command: 'sockctl serve :9000 --relay --public', what: 'a hub for this network' },
    { command: 'sockctl serve unix:/tmp/app.sock --attach', what: 'talk to whoever connects' },
    { command: 'sockctl serve udp://:5353 --forward udp://10.0.0.1:53', what: 'pass datagrams on' },
    {
      command: 'sockctl serve --tls --echo :8443',
      what: 'under TLS, with a certificate of its own',
    },
    { command: 'sockctl serve :1080 --socks-proxy', what: 'a proxy for SOCKS' },
    { command: 'sockctl serve ws://:8080/chat --relay', what: 'a room for WebSockets' },
    { command: 'sockctl serve --echo -- npm test', what: 'a server for one command' },
  ],
  options: [
    {
      title: 'Where to listen',
      options: [
        {
          flags: '-p, --port <port>',
          text: 'A TCP port on this machine only; 0 is any free one',
          parse: parsePort,
        },
        { flags: '-U, --unix <path>', text: 'A unix socket; @name is an abstract one' },
        { flags: '--public', text: 'Where no host is given, every interface' },
        { flags: '-4, --ipv4', text: 'IPv4 only', conflicts: ['ipv6'] },
        { flags: '-6, --ipv6', text: 'IPv6 only' },
        {
          flags: '--backlog <n>',
          text: 'Connections that may wait to be accepted',
          parse: parseCount,
          defaultText: '511',
        },
        {
          flags: '-l, --listen',
          text: 'Accepted for the sake of nc: serve always listens',
          hidden: true,
        },
        { flags: '-k, --keep-open', text: 'Accepted for the sake of nc: see --once', hidden: true },
      ],
    },
    {
      title: 'Handler: what to do with a connection (one of)',
      options: [
        { flags: '--echo', text: 'Send back what arrives [default]' },
        { flags: '--relay', text: 'Send what one client says to all the others' },
        {
          flags: '--forward <endpoint>',
          text: 'Connect there and join the two; repeat it to balance',
          repeatable: true,
        },
        { flags: '-e, --exec <command>', text: 'Run a command; the peer is its stdin and stdout' },
        { flags: '--reply <text>', text: 'Send this, then end; \\n and \\x00 are understood' },
        { flags: '--reply-file <file>', text: 'Send the content of a file, then end' },
        { flags: '--discard', text: 'Read and drop everything' },
        { flags: '--attach', text: 'Join it to this terminal, as nc -l does' },
        { flags: '--hang', text: 'Accept, then never read, answer or close' },
        { flags: '--chargen', text: 'Send characters without end' },
        { flags: '--socks-proxy', text: 'Be a proxy: SOCKS 4, 4a and 5' },
        { flags: '--http-proxy', text: 'Be a proxy: HTTP CONNECT' },
      ],
    },
    {
      title: 'How the handler works',
      options: [
        { flags: '--lines', text: 'With --relay: pass on whole lines' },
        {
          flags: '--slow <policy>',
          text: 'With --relay: what to do about a client that does not read',
          choices: ['block', 'drop-oldest', 'kick'],
          defaultText: 'block',
        },
        {
          flags: '--framing <how>',
          text: 'How messages and bytes become each other',
          choices: FRAMINGS,
          defaultText: 'as suits the handler',
        },
        { flags: '--shell', text: 'With --exec: run it by /bin/sh -c' },
        { flags: '--hex', text: 'Show the bytes of both directions on stderr' },
      ],
    },
    {
      title: 'Limits',
      options: [
        {
          flags: '-m, --max-conns <n>',
          text: 'Connections at a time',
          parse: parseCount,
          defaultText: 'no limit',
        },
        { flags: '--once', text: 'Stop after the first connection', conflicts: ['accepts'] },
        { flags: '--accepts <n>', text: 'Stop after so many connections', parse: parseCount },
        { flags: '--for <time>', text: 'Stop after this time', parse: parseDuration },
        { flags: '--idle <time>', text: 'End a silent connection', parse: parseDuration },
        {
          flags: '--max-bytes <size>',
          text: 'End a connection that sends more than this',
          parse: parseSize,
        },
        { flags: '--rate <rate>', text: 'Slow each direction down, as 64KiB/s', parse: parseRate },
        {
          flags: '--grace <time>',
          text: 'How long to wait for open connections when stopped',
          parse: parseDuration,
          defaultValue: 2000,
          defaultText: '2s',
        },
      ],
    },
    FORWARD_OPTIONS,
    SERVE_PROXY_OPTIONS,
    ACCESS_OPTIONS,
    SERVE_TLS_OPTIONS,
    WEB_SERVE_OPTIONS,
    WEBSOCKET_SERVE_OPTIONS,
    SOCKETIO_OPTIONS,
    {
      title: 'For scripts',
      options: [
        ...ANNOUNCEMENT_OPTIONS,
        {
          flags: '--json',
          text: 'Events on stdout, a JSON object per line: see sockctl help json',
        },
        { flags: '-q, --quiet', text: 'Only errors on stderr' },
        COLOR_OPTION,
      ],
    },
  ],
  notes: [
    {
      title: 'What "this machine only" is',
      text: `Without a host an endpoint is both loopbacks, 127.0.0.1 and ::1, on the same port. --public makes it every interface instead. A host that is written out is taken as it is; localhost is both loopbacks too.`,
    },
    {
      title: 'Datagrams',
      text: `With udp:// the first datagram of a peer opens a conversation, and all that it sends from the same port belongs to that. Nobody can hear the end of one: it is over when the handler ends it, or after a minute of silence (--idle sets another time, and makes it an error). What comes faster than the handler takes it, more than 1 MiB for one peer, is dropped and counted. A handler of bytes gets datagrams one after the other with nothing between. --chargen answers a datagram with one, and never floods. To only see what comes: sockctl udp listen.`,
    },
    {
      title: 'WebSockets',
      text: `Every web page can connect to 127.0.0.1 from inside the browser. So pages may in only from this machine, from the server itself, or from an --allow-origin; and only by a name that is ours: a loopback, an address or name that is listened on, or an --allow-host. Others get 403, and stderr says why. What is no browser sends no origin and may in.

With a path (ws://:8080/chat) there is no other, without one any is taken and told. A message stays a message, and text or binary, where it meets messages; where it meets bytes --framing says how they become each other: chunks, lines, nul, or length (four bytes before each, in network order), and --text and --binary what kind of message is made of bytes. A token is asked for in the handshake: Authorization: Bearer, ?access_token=, or the subprotocol bearer beside it.

A browser that asks for the page of the port (http://localhost:8080) gets a console: it sends and shows messages, as text or hex, and shows who is connected. It is one page that loads nothing from elsewhere; --no-console leaves it out. Other clients of plain HTTP get 426 and a line.

When the peer has sent its close frame, what it asked before is still answered, for up to 5s.`,
    },
    {
      title: 'Socket.IO',
      text: `With a path (socketio://:8080/chat) that namespace can be joined, without one any. What is said goes out as one event, --event or message: as a string where it is UTF-8, else as bytes. Events of that name that bring one string, or bytes, are messages as they are; any other is one of JSON, its name first: ["move",{"x":1},"fast"]. --on hears the events that it names alone. What asks to be acknowledged is, once it has been taken. Pages may in as for WebSockets; a token is asked for as auth.token, or as for WebSockets.`,
    },
    {
      title: 'Stopping',
      text: `Ctrl-C or SIGTERM frees the addresses at once, waits up to --grace for connections that are open, and ends the rest; a second one ends them now. A connection that is ended with data still unsent is reset, so that the peer can tell.`,
    },
    ACCESS_NOTE,
    SERVE_TLS_NOTE,
    FORWARD_NOTE,
    SERVE_PROXY_NOTE,
    ANNOUNCEMENT_NOTE,
    {
      title: 'Running a command next to it',
      text: `With -- command the server lives as long as the command, which finds it by SOCKCTL_HOST, SOCKCTL_PORT and SOCKCTL_URL (SOCKCTL_PATH for a unix socket). Its exit code becomes ours; 128 + n where signal n has ended it. A signal to us is passed on as SIGTERM, the second one as SIGKILL. When the time of --for is up it gets SIGTERM, and SIGKILL if it still runs after --grace: 143 and 137, unless it ends with a code of its own.`,
    },
    {
      title: 'What a command of --exec is told',
      text: `SOCKCTL_REMOTE_ADDR, SOCKCTL_REMOTE_PORT, SOCKCTL_LOCAL_ADDR, SOCKCTL_LOCAL_PORT, SOCKCTL_PROTO (tcp, tls, udp, unix, ws, wss, socketio or socketios) and SOCKCTL_CONNECTION_ID; SOCKCTL_USER where it had to show who it is; NCAT_PROTO, NCAT_REMOTE_ADDR and their kin, which say what they say under ncat: TCP for all but UDP. Where others can reach it (--public, 0.0.0.0:9), it also needs --allow, --allow-file, --token, --jwt-secret or --jwks.`,
    },
  ],
  run: runServe,
}
