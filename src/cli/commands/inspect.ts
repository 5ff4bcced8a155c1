import { portOfService } from '../../endpoint/service-names.ts'
import { usageError } from '../../errors.ts'
import { parsePorts } from '../../inspect/select/ports.ts'
import { parseStates } from '../../inspect/select/states.ts'
import { parseCount } from '../../units.ts'
import { COLOR_OPTION } from './color-option.ts'
import { FAMILY_WORDS, parseQuery } from './inspect/protocols.ts'
import type { InspectFlags } from './inspect/question.ts'
import { runInspect } from './inspect/run.ts'
import { parseInterval } from './inspect/watch.ts'
import type { CommandDefinition } from './types.ts'

/** `sockctl inspect` */
export const inspectCommand: CommandDefinition<InspectFlags> = {
  name: 'inspect',
  summary: "Show this machine's sockets and who holds them",
  usage: ['[port... | -] [options]', '[options] [filter...]', '--counters [name...] [options]'],
  examples: [
    { command: 'sockctl inspect', what: 'who listens, and who can reach it' },
    { command: 'sockctl inspect 8080', what: 'everything that uses port 8080' },
    { command: 'sockctl inspect -tulpn', what: 'listeners with processes, as in ss' },
    { command: 'sockctl inspect --state close-wait -p', what: 'who does not close connections' },
    { command: 'sockctl inspect --process node', what: 'every socket of a program' },
    { command: 'sockctl inspect dst 10/8 and dport = :443', what: 'a filter, as in ss' },
    { command: 'sockctl inspect -s', what: 'how many there are of each kind' },
    {
      command: 'docker exec app cat /proc/net/tcp | sockctl inspect -',
      what: 'sockets where there is only cat',
    },
    { command: 'sockctl inspect -tan --json', what: 'TCP in every state, for programs' },
    { command: 'sockctl inspect --counters listen', what: 'whether listeners drop connections' },
    {
      command: 'sockctl inspect --counters --watch 5s',
      what: 'what the kernel counts, as it grows',
    },
  ],
  options: [
    {
      title: 'Which sockets',
      options: [
        { flags: '-t, --tcp', text: 'TCP' },
        { flags: '-u, --udp', text: 'UDP' },
        { flags: '-x, --unix', text: 'Unix domain sockets' },
        { flags: '-w, --raw', text: 'Raw IP sockets' },
        {
          flags: '-0, --packet',
          text: 'Packet sockets, which see what comes in from an interface',
        },
        { flags: '-M, --mptcp', text: 'Multipath TCP' },
        { flags: '--udplite', text: 'UDP-Lite' },
        { flags: '--netlink', text: 'Netlink, between processes and the kernel' },
        { flags: '--vsock', text: 'Between virtual machines and their host' },
        {
          flags: '-A, --query <list>',
          text: 'These protocols: inet,unix or all,!netlink',
          parse: parseQuery,
          repeatable: true,
        },
        {
          flags: '-f, --family <family>',
          text: 'Only of this family',
          choices: FAMILY_WORDS,
        },
        { flags: '-4, --ipv4', text: 'IPv4 only' },
        { flags: '-6, --ipv6', text: 'IPv6 only' },
        { flags: '-l, --listening', text: 'Those that wait for connections or datagrams' },
        { flags: '-a, --all', text: 'Every state' },
        {
          flags: '--state <states>',
          text: 'In these states, such as close-wait or listen,estab',
          parse: parseStates,
          repeatable: true,
        },
        {
          flags: '--port <ports>',
          text: 'With this port at either end: 80, 3000-3010, https',
          parse: text => parsePorts(text, portOfService),
          repeatable: true,
        },
        {
          flags: '--pid <pid>',
          text: 'Held by this process',
          parse: parsePid,
          repeatable: true,
        },
        { flags: '--process <name>', text: 'Held by a process of this name', repeatable: true },
        {
          flags: '-F, --filter-file <file>',
          text: 'Read a filter from this file (- is stdin), behind the words',
        },
      ],
    },
    {
      title: 'What to show of them',
      options: [
        { flags: '-p, --processes', text: 'Every process that holds the socket' },
        { flags: '-o, --options', text: 'What its timer will do, and when' },
        { flags: '-e, --extended', text: 'Its user, its inode, its number in the kernel' },
        { flags: '-s, --summary', text: 'Only how many there are in each state' },
        {
          flags: '-n, --numeric',
          text: 'Ports and hosts as numbers, which they always are here',
        },
      ],
    },
    {
      title: 'How to show them',
      options: [
        {
          flags: '--json',
          text: 'One JSON document: see sockctl help json',
          conflicts: ['ndjson', 'csv'],
        },
        {
          flags: '--ndjson',
          text: 'A JSON object per line',
          conflicts: ['json', 'csv', 'summary'],
        },
        {
          flags: '--csv',
          text: 'Comma-separated values',
          conflicts: ['json', 'ndjson', 'summary'],
        },
        { flags: '-H, --no-header', text: 'Leave the headings out' },
        COLOR_OPTION,
      ],
    },
    {
      title: 'Counters of the kernel',
      options: [
        {
          flags: '--counters',
          text: 'In place of sockets: what the kernel counted and dropped, by name',
          conflicts: [
            ...['tcp', 'udp', 'unix', 'ipv4', 'ipv6', 'listening', 'state', 'port', 'pid'],
            ...['process', 'processes', 'options', 'extended', 'summary', 'source'],
          ],
        },
        {
          flags: '--watch [interval]',
          text: 'What changes in every interval, 1s unless it is given; with --counters',
          parse: parseInterval,
        },
        { flags: '--count <n>', text: 'Stop after so many intervals', parse: parseIntervals },
      ],
    },
    {
      title: 'Where to look',
      options: [
        {
          flags: '--source <name>',
          text: 'Ask only this',
          choices: ['sock-diag', 'procfs', 'iphlpapi', 'netstat', 'systeminformation'],
          defaultText: 'the best that answers',
        },
        {
          flags: '--proc <dir>',
          text: 'Read this in place of /proc, the one of a container',
        },
      ],
    },
  ],
  notes: [
    {
      title: 'What is shown',
      text: `Without options: who listens on TCP and UDP, sorted by port, with processes, and whether the network or only this machine can reach the address.

With a port, --port, --pid or --process: every matching socket in every state, with processes.

With a filter: the same. Words that are no ports are one, in the language of ss(8), and more: sockctl help filters. States in it decide alone; -l and -a do not count then.

With any option of ss(8), also beside a filter in the words of ss: what ss shows for it. Connected sockets only, unless -l, -a or --state says otherwise; processes with -p. Of -l and -a the last one counts, and --state overrides both. --json, --ndjson and --csv show the same sockets as without them, always with processes.

-A takes inet, all and the names of the protocols, with ! before those to leave out. A protocol that this system cannot list is said, unless it was only one of all. Ping sockets are not shown, as in ss.

-s counts all states. A port number may be a range, a list or the name of a service; names of hosts and services are never looked up for the output.`,
    },
    {
      title: 'Other machines and containers',
      text: `With - the sockets are read from stdin: the text of tables of /proc/net, one or several with their headings, copied from where there is nothing but cat. All that is in the text is shown, unless options choose. The headings of udp6, udplite6 and raw6 are the same, as are those of udp and udplite: they are taken for UDP, unless the text is of tail -n +1, which names the files. Who holds a socket is not in the text.

With --proc the tables are read from the folder net of that folder: the /proc of a container, or a copy.`,
    },
    {
      title: 'Columns',
      text: `RECV-Q and SEND-Q are bytes: not read yet by the process, and not acknowledged yet by the other end. On a TCP listener they are connections: those that wait to be accepted, and how many may. A ? is a number that the source does not know.

OPEN TO says by the address alone who can reach a listener; a firewall may know better.

PROCESS names every holder by name, pid and descriptor. Names are chosen by the process and at most 15 bytes long; unusual ones are quoted. In brackets stands why nobody can be named:

  (owner hidden: uid 33 www-data)  another user's; root can see it
  (waiting to be accepted by ...)  connected, not accept(2)ed yet
  (kernel: time-wait)              no process needs it any more
  (orphan: process closed it)      the kernel still sends what is left
  (no process found ...)           of the kernel, or in another container

A unix socket without a name is shown by its inode, #4711; a connected one as path#inode, and its PEER is the inode of the other end.`,
    },
    {
      title: 'Counters',
      text: `--counters shows what the kernel of Linux has counted in this network namespace since it began, by the names of nstat(8), each with what it means: those that are explained here and are not zero, or all with -a. A word picks those whose name or heading has it in it; with * or ? it is a pattern of the whole name. The level of memory, of orphans, of open files and of softnet is that of the whole machine.

--watch shows one line for each counter that changed in the interval: by how much, how much that is in a second, and where it stands. It goes on until Ctrl-C, or for --count intervals; --json writes a JSON object per line then.`,
    },
    {
      title: 'Other systems',
      text: `On macOS netstat(1) is run, and lsof(8) beside it for descriptors and all holders; on Windows the tables of iphlpapi.dll are read, or netstat -ano where they cannot be, and tasklist for names. They show less than Linux does, and a line below the output says what. None of this has been run on those systems yet: it is tested on recorded text, and on tables made for the tests.

When these fail, and on other systems, the package systeminformation is the last resort.`,
    },
    {
      title: 'Exit code',
      text: `0 when there was something to show or nothing was named, 1 when no socket matches a port, state, pid, process or filter that was named, 2 when a filter cannot be read, 3 when there is no such pid, host, interface or cgroup, 8 when the answer depends on owners or marks that are hidden, 9 when no source answers on this system, or not what the filter asks about.`,
    },
  ],
  run: runInspect,
}

function parseIntervals(text: string): number {
  const count = parseCount(text)
  if (count === 0) throw usageError('at least 1 interval')
  return count
}

function parsePid(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw usageError(`"${text}" is not a pid`, `By name: sockctl inspect --process ${text}`)
}
