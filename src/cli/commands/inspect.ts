import { portOfService } from '../../endpoint/service-names.ts'
import { usageError } from '../../errors.ts'
import { parsePorts } from '../../inspect/select/ports.ts'
import { parseStates } from '../../inspect/select/states.ts'
import { parseColumns } from '../../inspect/views/column-choice.ts'
import { GROUP_WORDS } from '../../inspect/views/groups.ts'
import { parseSort } from '../../inspect/views/order.ts'
import { parseCount } from '../../units.ts'
import { COLOR_OPTION } from './color-option.ts'
import { ACT_OPTIONS } from './inspect/act-options.ts'
import { CHECK_OPTIONS } from './inspect/check-options.ts'
import { DIAGNOSE_OPTIONS } from './inspect/diagnose-options.ts'
import { INSPECT_NOTES } from './inspect/notes.ts'
import { OVER_TIME_OPTIONS } from './inspect/over-time-options.ts'
import { FAMILY_WORDS, parseQuery } from './inspect/protocols.ts'
import type { InspectFlags } from './inspect/question.ts'
import { runInspect } from './inspect/run.ts'
import type { CommandDefinition } from './types.ts'

/** `sockctl inspect` */
export const inspectCommand: CommandDefinition<InspectFlags> = {
  name: 'inspect',
  summary: "Show this machine's sockets and who holds them",
  usage: [
    '[target] [options]',
    '[options] [port... | filter... | -]',
    '<port...> --free [options]',
    '<filter...> --close [options]',
    '--counters [name...] [options]',
  ],
  examples: [
    { command: 'sockctl inspect', what: 'who listens, and what looks forgotten' },
    { command: 'sockctl inspect 8080', what: 'who has port 8080, and how to get it' },
    { command: 'sockctl inspect 3000 --free', what: 'stop who listens there, after asking' },
    { command: 'sockctl inspect pid:4711', what: 'what a process still has open' },
    { command: 'sockctl inspect /run/app.sock', what: 'whether a unix socket is stale' },
    { command: 'sockctl inspect -tulpn', what: 'listeners with processes, as in ss' },
    { command: 'sockctl inspect --state close-wait -p', what: 'who does not close connections' },
    { command: 'sockctl inspect --diagnose', what: 'what is wrong here, and what to do' },
    { command: 'sockctl inspect --process node', what: 'every socket of a program' },
    { command: 'sockctl inspect --netns all', what: 'who listens, containers included' },
    { command: 'sockctl inspect dst 10/8 and dport = :443', what: 'a filter, as in ss' },
    { command: 'sockctl inspect -s', what: 'how many there are of each kind' },
    { command: 'sockctl inspect --group-by remote', what: 'whom this machine talks to' },
    { command: 'sockctl inspect -tip --sort -rtt --top 5', what: 'the slowest connections' },
    {
      command: 'docker exec app cat /proc/net/tcp | sockctl inspect -',
      what: 'sockets where there is only cat',
    },
    { command: 'sockctl inspect -tan --json', what: 'TCP in every state, for programs' },
    { command: 'sockctl inspect 8080 --watch', what: 'what comes and goes, live' },
    { command: 'sockctl inspect --leaks --watch 30s', what: 'who leaks sockets, and how fast' },
    { command: 'sockctl inspect --ephemeral', what: 'whether client ports run out' },
    {
      command: 'sockctl inspect state close-wait dport = :5432 --max 20 -q || echo leak',
      what: 'a test that fails when connections leak',
    },
    { command: 'sockctl inspect --save before.json', what: 'keeps what there is before a test' },
    { command: 'sockctl inspect --diff before.json', what: 'and tells what is new after it' },
    { command: 'sockctl inspect --policy ports.txt --github', what: 'who may listen where, in CI' },
    { command: 'sockctl inspect --prom', what: 'the same in numbers, for Prometheus' },
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
    DIAGNOSE_OPTIONS,
    {
      title: 'What to show of them',
      options: [
        { flags: '-p, --processes', text: 'Every process that holds the socket' },
        { flags: '-o, --options', text: 'What its timer will do, and when' },
        { flags: '-e, --extended', text: 'Its user, its inode, its number in the kernel' },
        { flags: '-i, --info', text: 'What TCP knows: round trip, window, rates, amounts' },
        { flags: '-m, --memory', text: 'What their queues take, and of how much; drops' },
        { flags: '--peer', text: 'Who holds the other end, where it is on this machine' },
        { flags: '-s, --summary', text: 'Only how many there are in each state' },
        {
          flags: '--group-by <what>',
          text: 'Only how many there are of each, the most first',
          choices: GROUP_WORDS,
          conflicts: ['summary', 'columns', 'sort', 'peer'],
        },
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
          flags: '--columns <columns>',
          text: 'These (a,b), these too (+c), not these (-d): see sockctl help columns',
          parse: parseColumns,
          repeatable: true,
        },
        {
          flags: '--sort <columns>',
          text: 'By these columns, as -rtt,local; - is the largest first',
          parse: parseSort,
          repeatable: true,
        },
        { flags: '--top <n>', text: 'Only the first so many', parse: parseCount },
        { flags: '-O, --oneline', text: 'A line for each socket, however long' },
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
    CHECK_OPTIONS,
    ACT_OPTIONS,
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
      ],
    },
    OVER_TIME_OPTIONS,
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
        {
          flags: '--no-bind',
          text: 'Do not try to bind the port, which a report on a port does',
        },
        {
          flags: '--netns <which>',
          text: 'In this network namespace: a name, a pid, a container, or all',
        },
        {
          flags: '--container <name>',
          text: 'In this container: its name, or the beginning of its id',
          conflicts: ['netns'],
        },
      ],
    },
  ],
  notes: INSPECT_NOTES,
  run: runInspect,
}

function parsePid(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw usageError(`"${text}" is not a pid`, `By name: sockctl inspect --process ${text}`)
}
