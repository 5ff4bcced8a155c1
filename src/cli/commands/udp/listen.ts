import { parsePort } from '../../../endpoint/host-and-port.ts'
import { parseCount, parseDuration, parseSize } from '../../../units.ts'
import { parseEscapes } from '../../escapes.ts'
import { NETWORK_OPTIONS } from '../access-options.ts'
import { ANNOUNCEMENT_NOTE, ANNOUNCEMENT_OPTIONS } from '../announcement-options.ts'
import { COLOR_OPTION } from '../color-option.ts'
import type { CommandDefinition } from '../types.ts'
import { runUdpListen } from './listen/run.ts'

/** What `sockctl udp listen` is given on the command line. */
export interface UdpListenFlags {
  readonly port?: number
  readonly public?: true
  readonly ipv4?: true
  readonly ipv6?: true
  readonly interface?: string
  readonly echo?: true
  readonly reply?: Buffer
  readonly replyFile?: string
  readonly discard?: true
  readonly hex?: true
  readonly lines?: true
  readonly once?: true
  readonly accepts?: number
  readonly for?: number
  readonly idle?: number
  readonly rcvbuf?: number
  readonly sndbuf?: number
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly portFile?: string
  readonly readyFd?: number
  readonly json?: true
  readonly quiet?: true
  readonly color: 'auto' | 'always' | 'never'
}

/** `sockctl udp listen` */
export const udpListenCommand: CommandDefinition<UdpListenFlags> = {
  name: 'udp listen',
  summary: 'Show the datagrams that arrive, and answer them if asked to',
  usage: ['[endpoint...] [options]'],
  examples: [
    { command: 'sockctl udp listen :9999', what: 'show what comes, and from whom' },
    { command: 'sockctl udp listen :9999 --echo', what: 'answer everybody with their own' },
    { command: 'sockctl udp listen :514 --lines > log', what: 'one line per datagram' },
    { command: 'sockctl udp listen :9999 --once', what: 'the bytes of the next one' },
    { command: 'sockctl udp listen 239.1.2.3:5000', what: 'join the group, and hear it' },
    {
      command: 'sockctl udp listen :9999 --echo --public --allow 10.0.0.0/8',
      what: 'answer a network',
    },
  ],
  options: [
    {
      title: 'Where to listen',
      options: [
        {
          flags: '-p, --port <port>',
          text: 'A port on this machine only; 0 is any free one',
          parse: parsePort,
        },
        { flags: '--public', text: 'Where no host is given, every interface' },
        { flags: '-4, --ipv4', text: 'IPv4 only', conflicts: ['ipv6'] },
        { flags: '-6, --ipv6', text: 'IPv6 only' },
        {
          flags: '--interface <name>',
          text: 'Join groups here alone; without a host, listen here. Also an address of it',
        },
        { flags: '--rcvbuf <size>', text: 'What may wait to be read', parse: parseSize },
        { flags: '--sndbuf <size>', text: 'What may wait to be sent', parse: parseSize },
        { flags: '-l, --listen', text: 'Accepted for the sake of nc', hidden: true },
        { flags: '-u, --udp', text: 'Accepted for the sake of nc', hidden: true },
        { flags: '-k, --keep-open', text: 'Accepted for the sake of nc: see --once', hidden: true },
      ],
    },
    {
      title: 'What to do with a datagram (one of; without, it is shown)',
      options: [
        { flags: '--echo', text: 'Send it back' },
        {
          flags: '--reply <text>',
          text: 'Answer with this; \\n and \\x00 are understood',
          parse: parseEscapes,
        },
        { flags: '--reply-file <file>', text: 'Answer with the content of a file' },
        { flags: '--discard', text: 'Drop it' },
      ],
    },
    {
      title: 'How to show it',
      options: [
        { flags: '--hex', text: 'In the line about it, bytes as hex' },
        { flags: '--lines', text: 'End each payload on stdout with a line break' },
        {
          flags: '--json',
          text: 'Events on stdout, a JSON object per line',
          conflicts: ['hex', 'lines'],
        },
        { flags: '-q, --quiet', text: 'Only errors on stderr' },
        COLOR_OPTION,
      ],
    },
    {
      title: 'Limits',
      options: [
        { flags: '--once', text: 'Stop after the first datagram', conflicts: ['accepts'] },
        { flags: '--accepts <n>', text: 'Stop after so many datagrams', parse: parseCount },
        { flags: '--for <time>', text: 'Stop after this time', parse: parseDuration },
        {
          flags: '--idle <time>',
          text: 'Stop when nothing comes for so long',
          parse: parseDuration,
        },
      ],
    },
    {
      title: 'Who is heard',
      options: NETWORK_OPTIONS,
    },
    {
      title: 'For scripts',
      options: [...ANNOUNCEMENT_OPTIONS],
    },
  ],
  notes: [
    {
      title: 'What goes where',
      inHelp: true,
      text: `On a terminal a datagram is one line: its number, its sender, its size, and its bytes as text or hex. When stdout is a file or a pipe, it gets the bytes as they came, one payload after the other, and the lines go to stderr. What is answered or dropped (--echo, --reply, --discard) is not written to stdout.`,
    },
    {
      title: 'What "this machine only" is',
      text: `Without a host an endpoint is both loopbacks, 127.0.0.1 and ::1, on the same port. --public makes it every interface instead. A host that is written out is taken as it is; localhost is both loopbacks too.`,
    },
    {
      title: 'Answering without doing harm',
      text: `The sender of a datagram can be forged, and the answer goes to whoever it names. What is open to the network therefore answers only where --allow says who is meant, and never with more bytes than came. Senders on the ports of services that answer everything themselves (echo, systat, daytime, qotd, chargen, time, domain, tftp, ntp) are never answered: the two would not stop. What is not answered is said, with why.

The answer leaves from the address that was asked. A socket that stands for every address cannot know which that was, so with --public each address of the machine gets a socket of its own; broadcasts do not come to these, and addresses that the machine gets later are not among them.`,
    },
    {
      title: 'Groups',
      text: `A multicast address (224.0.0.0/4, ff00::/8) is joined on every interface that has an address of its family, or on the one of --interface, and the port can be shared with other listeners. Linux hands a group's datagrams to every socket of the group, from whichever interface somebody on this machine has joined it on.`,
    },
    {
      title: 'What can get lost',
      text: `Nothing slows a sender of datagrams down. What comes faster than it is read waits in the kernel (--rcvbuf, 4 MiB by default where the system gives as much); what does not fit there is dropped by the kernel, and on Linux counted at the end. What a slow reader of stdout does not take in time is dropped too, and counted.`,
    },
    ANNOUNCEMENT_NOTE,
    { title: 'Events of --json', text: `Their keys: sockctl help json, sockctl-json(7).` },
    {
      title: 'Exit codes',
      text: `0 when it was over as asked, 5 when --for or --idle ended it before --once or --accepts had what they wanted, 7 when the port is in use, 130 after Ctrl-C, 143 after SIGTERM.`,
    },
  ],
  run: runUdpListen,
}
