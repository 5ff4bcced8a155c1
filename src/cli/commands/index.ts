import type { CommandEntry } from './types.ts'

/** The commands, in the order of the help. Each is loaded when it is asked for. */
export const COMMANDS = {
  serve: {
    summary: 'Listen, and do something with every connection',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  connect: {
    summary: 'Open one connection and talk over it',
    load: async () => (await import('./connect.ts')).connectCommand,
  },
  udp: {
    summary: 'Listen for datagrams, and send them',
    load: async () => (await import('./udp.ts')).udpCommand,
  },
  inspect: {
    summary: "Show this machine's sockets and who holds them",
    load: async () => (await import('./inspect.ts')).inspectCommand,
  },
  help: {
    summary: 'Explain a command or a topic',
    load: async () => (await import('./help.ts')).helpCommand,
  },
  completion: {
    summary: 'Print a script that completes sockctl in your shell',
    load: async () => (await import('./completion.ts')).completionCommand,
  },
} satisfies Record<string, CommandEntry>
