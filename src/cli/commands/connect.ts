import { FRAMINGS, type Framing } from '../../channel/framing.ts'
import { parsePort } from '../../endpoint/host-and-port.ts'
import { usageError } from '../../errors.ts'
import { type Expectation, parseExpectation } from '../../session/stop-rules.ts'
import { LONGEST_TIMER_MS, parseCount, parseDuration, parseSize } from '../../units.ts'
import type { ColorWhen } from '../color.ts'
import { type SendFlags, sendOptions } from '../send-parts.ts'
import { CREDENTIAL_OPTION } from './access-options.ts'
import { COLOR_OPTION } from './color-option.ts'
import { CONNECT_NOTES } from './connect/notes.ts'
import { runConnect } from './connect/run.ts'
import {
  CONNECT_TLS_NOTE,
  CONNECT_TLS_OPTIONS,
  type ConnectTlsFlags,
} from './connect-tls-options.ts'
import { type NcProxyFlags, PROXY_NOTE, PROXY_OPTIONS } from './proxy-options.ts'
import { SOCKETIO_OPTIONS, type SocketIoFlags } from './socketio-options.ts'
import type { CommandDefinition } from './types.ts'
import {
  WEB_CONNECT_OPTIONS,
  WEBSOCKET_CONNECT_OPTIONS,
  type WebSocketConnectFlags,
} from './websocket-options.ts'

/** What `sockctl connect` is given on the command line. */
export interface ConnectFlags
  extends SendFlags,
    ConnectTlsFlags,
    NcProxyFlags,
    WebSocketConnectFlags,
    SocketIoFlags {
  readonly framing?: Framing
  readonly unix?: true
  readonly udp?: true
  readonly ipv4?: true
  readonly ipv6?: true
  readonly numeric?: true
  readonly source?: string
  readonly sourcePort?: number
  readonly connectTimeout: number
  readonly token?: string
  readonly crlf?: true
  /** False with -d. */
  readonly stdin?: boolean
  readonly sendOnly?: true
  readonly recvOnly?: true
  /** Undefined: as fits what is sent. */
  readonly shutdown?: boolean
  readonly quitAfter?: number
  readonly expect?: Expectation
  readonly lines?: number
  readonly bytes?: number
  readonly idle?: number
  readonly untilClose?: true
  readonly timeout?: number
  /** False with --no-reply. */
  readonly reply?: boolean
  readonly output?: string
  readonly raw?: true
  readonly hex?: true
  readonly stats?: true
  readonly verbose?: number
  readonly json?: true
  readonly quiet?: true
  readonly color: ColorWhen
  readonly z?: true
  /** What other netcats have, and we have elsewhere. */
  readonly listen?: true
  readonly exec?: string
  readonly shExec?: string
  readonly interval?: string
}

/** `sockctl connect` */
export const connectCommand: CommandDefinition<ConnectFlags> = {
  name: 'connect',
  summary: 'Open one connection and talk over it',
  usage: ['<endpoint | host port> [options]', '-z <host> <ports>... [options]'],
  examples: [
    { command: 'sockctl connect localhost:8080', what: 'talk to it from the keyboard' },
    { command: 'sockctl connect host 9000 < file', what: 'send a file' },
    {
      command: "sockctl connect :6379 --send 'PING\\r\\n'",
      what: 'a request, and its reply',
    },
    { command: "sockctl connect host:25 --expect '^220 '", what: 'exit 0 when it says so' },
    { command: 'sockctl connect unix:/run/app.sock', what: 'a unix socket' },
    { command: 'sockctl connect tls://host:443 --show-cert', what: 'whose certificate it has' },
    { command: 'sockctl connect -x socks5h://localhost host 22', what: 'through a proxy' },
    { command: 'sockctl connect ws://localhost:8080/chat', what: 'a WebSocket' },
    { command: 'sockctl connect -zv host 22,80 8000-8010', what: 'which ports answer' },
  ],
  options: [
    {
      title: 'Where',
      options: [
        { flags: '-U, --unix', text: 'The word is the path of a unix socket' },
        {
          flags: '-u, --udp',
          text: 'UDP: what is read at a time is sent as a datagram',
          conflicts: ['unix'],
        },
        { flags: '-4, --ipv4', text: 'IPv4 only', conflicts: ['ipv6'] },
        { flags: '-6, --ipv6', text: 'IPv6 only' },
        { flags: '-n, --numeric', text: 'Look no names up: hosts are addresses' },
        { flags: '-s, --source <address>', text: 'Connect from this address' },
        { flags: '-p, --source-port <port>', text: 'Connect from this port', parse: parsePort },
        {
          flags: '-w, --connect-timeout <time>',
          text: 'How long connecting may take',
          parse: positive(parseDuration),
          defaultValue: 10_000,
          defaultText: '10s',
        },
        CREDENTIAL_OPTION,
        ...PROXY_OPTIONS,
        { flags: '-z', text: 'Only see whether somebody listens; ports may be lists and ranges' },
      ],
    },
    CONNECT_TLS_OPTIONS,
    {
      title: 'What to send (without: stdin)',
      options: [
        ...sendOptions(),
        {
          flags: '--framing <how>',
          text: 'How messages and bytes become each other [default: lines]',
          choices: FRAMINGS,
        },
        { flags: '-C, --crlf', text: 'End lines with CR LF, where they do not already' },
        { flags: '-d, --no-stdin', text: 'Do not read stdin, and do not end our side' },
        { flags: '--recv-only', text: 'The same', conflicts: ['send', 'sendHex', 'sendFile'] },
        {
          flags: '--send-only',
          text: 'Leave as soon as all is sent; drop what comes',
          conflicts: ['stdin', 'recvOnly', 'expect', 'lines', 'bytes', 'untilClose', 'output'],
        },
      ],
    },
    {
      title: 'When it is over (without: when both sides have ended)',
      options: [
        { flags: '-N, --shutdown', text: 'Tell the peer when all is sent [default for stdin]' },
        { flags: '--no-shutdown', text: 'Do not tell it [default for --send]' },
        {
          flags: '-q, --quit-after <time>',
          text: 'When all is sent, wait only so long for the peer',
          parse: parseWait,
        },
        {
          flags: '--expect <regex>',
          text: 'When this comes; exit 1 when it does not',
          parse: parseExpectation,
        },
        { flags: '--lines <n>', text: 'After so many lines', parse: positive(parseCount) },
        { flags: '--bytes <n>', text: 'After so many bytes', parse: positive(parseSize) },
        {
          flags: '--idle <time>',
          text: 'After so much silence, counted from the first byte that comes',
          parse: parseDuration,
        },
        { flags: '--until-close', text: 'When the peer ends, also with --send or --expect' },
        {
          flags: '--timeout <time>',
          text: 'Give up with exit 5 [default: 30s with --send, else none]',
          parse: positive(parseDuration),
        },
        { flags: '--no-reply', text: 'It is fine when nothing comes back' },
      ],
    },
    WEB_CONNECT_OPTIONS,
    WEBSOCKET_CONNECT_OPTIONS,
    SOCKETIO_OPTIONS,
    {
      title: 'What to show',
      options: [
        { flags: '-o, --output <file>', text: 'Write what comes into a file, too' },
        { flags: '--hex', text: 'Show the bytes of both directions on stderr' },
        { flags: '--stats', text: 'Bytes each way, time and rate on stderr at the end' },
        { flags: '--raw', text: 'Let the peer control this terminal' },
        {
          flags: '-v, --verbose',
          text: 'Say what is tried, and what comes of it',
          repeatable: true,
        },
        {
          flags: '--json',
          text: 'Events on stderr, a JSON object per line: see sockctl help json',
          conflicts: ['hex', 'quiet', 'showCert', 'expectCertDays'],
        },
        { flags: '--quiet', text: 'Only errors on stderr', conflicts: ['verbose'] },
        COLOR_OPTION,
        { flags: '-l, --listen', text: 'See sockctl serve', hidden: true },
        { flags: '-e, --exec <command>', text: 'See sockctl serve --exec', hidden: true },
        { flags: '-c, --sh-exec <command>', text: 'See sockctl serve --exec', hidden: true },
        { flags: '-i, --interval <time>', text: 'See --idle', hidden: true },
      ],
    },
  ],
  notes: [...CONNECT_NOTES, CONNECT_TLS_NOTE, PROXY_NOTE],
  run: runConnect,
}

function positive(parse: (text: string) => number): (text: string) => number {
  return text => {
    const number = parse(text)
    if (number === 0) throw usageError('must be more than 0')
    return number
  }
}

/** `-q -1` is how one tells nc to wait for as long as it takes, which we do anyway. */
function parseWait(text: string): number {
  return /^-\d+$/.test(text) ? LONGEST_TIMER_MS : parseDuration(text)
}
