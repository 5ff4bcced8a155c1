import type { CommandDefinition } from './types.ts'
import { udpListenCommand } from './udp/listen.ts'
import { udpSendCommand } from './udp/send.ts'

/** `sockctl udp` */
export const udpCommand: CommandDefinition<never> = {
  name: 'udp',
  summary: 'Listen for datagrams, and send them',
  usage: ['<command> [options]'],
  examples: [
    { command: 'sockctl udp listen :9999', what: 'show what comes, and from whom' },
    { command: 'sockctl udp listen :9999 --echo', what: 'answer everybody with their own' },
    { command: 'sockctl udp send :9999 hello', what: 'send one, and print the reply' },
  ],
  options: [],
  subcommands: [udpListenCommand, udpSendCommand],
}
