import type { Example, OptionGroup } from '../commands/types.ts'
import type { Row } from './types.ts'

/** What sockctl is, in a sentence. */
export const TAGLINE = 'Serve, connect to and inspect sockets: netcat and ss in one command'

export const ROOT_USAGE: readonly Row[] = [['sockctl <command> [options]', '']]

/** The first things to try, shown by `sockctl --help` and sockctl(1). */
export const ROOT_EXAMPLES: readonly Example[] = [
  { command: 'sockctl inspect 8080', what: 'who holds port 8080' },
  { command: 'sockctl inspect -tulpn', what: 'what ss -tulpn shows' },
  { command: 'sockctl serve --port 8080', what: 'a TCP echo server' },
  { command: 'sockctl serve :8080 --forward localhost:3000', what: 'pass it on' },
  { command: 'echo hi | sockctl connect localhost:8080', what: 'send, and read the answer' },
  { command: 'sockctl udp listen :9999', what: 'print who sends which datagram' },
]

/** The options of sockctl itself; every command has --help too. */
export const ROOT_OPTIONS: OptionGroup = {
  title: 'Options',
  options: [
    { flags: '-h, --help', text: 'Show help for sockctl, or for a command' },
    { flags: '--version', text: 'Show the version' },
  ],
}

/** The variables that sockctl reads. */
export const ENVIRONMENT_ROWS: readonly Row[] = [
  ['NO_COLOR', 'When set and not empty, no colour. --color is stronger'],
  ['FORCE_COLOR', 'When set, colour also where there is no terminal; 0 or false: no colour'],
  ['TERM', 'dumb means no colour'],
  ['SOCKCTL_DEBUG', 'When set, errors are shown with their stack'],
]
