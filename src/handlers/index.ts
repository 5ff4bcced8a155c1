import { attach } from './attach.ts'
import { chargen } from './chargen.ts'
import { discard } from './discard.ts'
import { echo } from './echo.ts'
import { exec } from './exec.ts'
import { forward } from './forward.ts'
import { hang } from './hang.ts'
import { httpProxy } from './http-proxy.ts'
import { relay } from './relay.ts'
import { reply } from './reply.ts'
import { socksProxy } from './socks-proxy.ts'
import type { HandlerFactory } from './types.ts'

/** Every handler. A new one is registered here; `cli/commands/serve/handler.ts` reads its flags. */
export const HANDLERS = {
  echo,
  relay,
  forward,
  exec,
  reply,
  discard,
  attach,
  hang,
  chargen,
  'http-proxy': httpProxy,
  'socks-proxy': socksProxy,
} satisfies Record<string, HandlerFactory>
