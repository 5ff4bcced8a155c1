import { isIP } from 'node:net'
import { parsePort } from '../../../endpoint/host-and-port.ts'
import { usageError } from '../../../errors.ts'
import { parseCount, parseDuration } from '../../../units.ts'
import { type SendFlags, sendOptions } from '../../send-parts.ts'
import { COLOR_OPTION } from '../color-option.ts'
import type { CommandDefinition } from '../types.ts'
import { runUdpSend } from './send/run.ts'

/** What `sockctl udp send` is given on the command line. */
export interface UdpSendFlags extends SendFlags {
  readonly lines?: true
  readonly wait?: number
  readonly expectReplies?: number
  readonly anyPeer?: true
  readonly source?: string
  readonly sourcePort?: number
  readonly ipv4?: true
  readonly ipv6?: true
  readonly numeric?: true
  readonly broadcast?: true
  readonly interface?: string
  readonly ttl?: number
  readonly json?: true
  readonly quiet?: true
  readonly color: 'auto' | 'always' | 'never'
}

/** `sockctl udp send` */
export const udpSendCommand: CommandDefinition<UdpSendFlags> = {
  name: 'udp send',
  summary: 'Send datagrams, print the replies, and say what silence means',
  usage: ['<host:port | host port> [text...] [options]'],
  examples: [
    { command: 'sockctl udp send localhost:9999 hello', what: 'send, and print the reply' },
    { command: "sockctl udp send :5000 --send-hex '01 00 af'", what: 'send bytes' },
    { command: 'sockctl udp send :8125 --wait 0 app.hits:1\\|c', what: 'send, and be gone' },
    { command: 'tail -f log | sockctl udp send :514 --lines', what: 'a datagram per line' },
    { command: 'sockctl udp send 239.1.2.3:5000 hello', what: 'print who of a group replies' },
    { command: 'sockctl udp send -b 192.168.1.255:9 hello', what: 'broadcast' },
  ],
  options: [
    {
      title: 'What to send, a datagram each (without: stdin)',
      options: [
        ...sendOptions(),
        { flags: '--lines', text: 'A datagram per line; replies end in a line break too' },
      ],
    },
    {
      title: 'Replies',
      options: [
        {
          flags: '-w, --wait <time>',
          text: 'Wait so long for them, and fail if none comes; 0: not at all [default: 1s]',
          parse: parseDuration,
        },
        {
          flags: '--expect-replies <n>',
          text: 'Wait for so many, and fail if fewer come',
          parse: parseCount,
        },
        {
          flags: '--any-peer',
          text: 'Replies from other addresses too; refusals are not heard then',
        },
      ],
    },
    {
      title: 'From where, and how',
      options: [
        {
          flags: '-s, --source <address>',
          text: 'Send from this address',
          parse: parseSource,
        },
        { flags: '-p, --source-port <port>', text: 'Send from this port', parse: parsePort },
        { flags: '-4, --ipv4', text: 'IPv4 only', conflicts: ['ipv6'] },
        { flags: '-6, --ipv6', text: 'IPv6 only' },
        { flags: '-n, --numeric', text: 'Look no names up' },
        { flags: '-b, --broadcast', text: 'To everybody on a network', conflicts: ['ipv6'] },
        {
          flags: '--interface <name>',
          text: 'Where groups, broadcasts and link-local addresses are; also an address of it',
        },
        { flags: '--ttl <n>', text: 'How many routers it may pass', parse: parseTtl },
        { flags: '-u, --udp', text: 'Accepted for the sake of nc', hidden: true },
      ],
    },
    {
      title: 'Output',
      options: [
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
      title: 'What an answer is worth',
      inHelp: true,
      text: `Replied: somebody is there. Refused: the other machine says by ICMP that nothing is bound there. Silent: nothing is known, since UDP gives no receipt; the datagram, the reply or the refusal may have been lost or filtered.`,
    },
    {
      title: 'When it ends',
      text: `With one peer, as soon as there are as many replies as datagrams; with a group, a broadcast or --any-peer, when the time is up, whoever replies in it. The time is counted from the last datagram. Silence is a failure only where --wait or --expect-replies asked for replies.

A refusal ends it too, and where the name has another address, that one is tried: localhost is 127.0.0.1 and then ::1. One that comes at once, as on this machine, is heard even with --wait 0.`,
    },
    {
      title: 'What goes where',
      text: `Replies go to stdout: as they came, or on a terminal as a line each. Everything else is said on stderr.`,
    },
    {
      title: 'Standard input',
      text: `The whole of stdin is one datagram, of 65507 bytes at most; with --lines, or from a terminal, each line is one, without its line break, and is sent as soon as it is there. An empty datagram is written ''.`,
    },
    { title: 'Events of --json', text: `Their keys: sockctl help json, sockctl-json(7).` },
    {
      title: 'Exit codes',
      text: `0 when it was sent and, where asked for, answered; 3 when the name does not resolve; 4 when it was refused or cannot be reached; 5 when replies were asked for and did not come; 130 after Ctrl-C.`,
    },
  ],
  run: runUdpSend,
}

function parseTtl(text: string): number {
  const ttl = parseCount(text)
  if (ttl > 255) throw usageError(`too large a TTL: ${text} (255 at most)`)
  return ttl
}

function parseSource(text: string): string {
  if (isIP(text) !== 0) return text
  throw usageError(`not an IP address: "${text}"`)
}
