import { type Address, formatAddress } from '../../address.ts'
import { parseEndpoints, parsePort } from '../../endpoint/parse.ts'
import type { Endpoint } from '../../endpoint/types.ts'
import { echo } from '../../handlers/echo.ts'
import type { ServeOptions } from '../../session/serve.ts'
import { serve } from '../../session/serve.ts'
import { dial } from '../../transports/index.ts'
import { loadPaint, wantsColor } from '../color.ts'
import type { Context } from '../context.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { humanLog } from '../session-log.ts'
import { untilOver } from '../shutdown.ts'
import type { CommandDefinition, Invocation } from './types.ts'

interface ServeFlags {
  readonly port?: number
  readonly public?: true
}

/** `sockctl serve` */
export const serveCommand: CommandDefinition<ServeFlags> = {
  name: 'serve',
  summary: 'Listen, and do something with every connection',
  usage: ['[endpoint...] [handler] [options] [-- command]'],
  examples: [
    { command: 'sockctl serve --port 8080', what: 'echo whatever arrives, on both loopbacks' },
  ],
  options: [
    {
      title: 'Where',
      options: [
        {
          flags: '--port <port>',
          text: 'Listen on this TCP port; 0 is any free one',
          parse: parsePort,
        },
        { flags: '--public', text: 'Without a host, listen on every interface' },
      ],
    },
  ],
  run,
}

async function run(invocation: Invocation<ServeFlags>, context: Context): Promise<number> {
  const options = readOptions(invocation)
  const paint = await loadPaint(wantsColor('auto', context.stderr, context.env))
  const session = await serve({ ...options, onEvent: humanLog(context.stderr, paint) })
  context.stderr.write(`echo on ${session.addresses.map(listeningOn).join(' and ')}\n`)
  return (await untilOver(session, context)) ?? EXIT_CODES.ok.code
}

function readOptions({ words, flags }: Invocation<ServeFlags>): Omit<ServeOptions, 'onEvent'> {
  const endpoints: Endpoint[] = parseEndpoints(words)
  if (flags.port !== undefined || endpoints.length === 0) {
    endpoints.push({ scheme: 'tcp', host: undefined, port: flags.port ?? 0 })
  }
  return {
    endpoints,
    handler: echo(),
    layers: [],
    listen: { public: flags.public },
    dial,
    graceMs: 2000,
  }
}

function listeningOn(address: Address): string {
  const scheme = address.family === 'unix' ? 'unix:' : 'tcp://'
  return scheme + formatAddress(address)
}
