import { pidIn } from '../../../../inspect/act/own-pids.ts'
import { chainAbove } from '../../../../inspect/act/process-chain.ts'
import type { Asker } from '../../../../inspect/act/refusal.ts'
import { type Engines, engines } from '../../../../inspect/owners/container/engine.ts'
import { userNames } from '../../../../inspect/users.ts'
import { terminalText } from '../../../../terminal-text.ts'
import { parseDuration } from '../../../../units.ts'
import { canAsk, confirm } from '../../../confirm.ts'
import type { Context } from '../../../context.ts'
import type { InspectFlags } from '../question.ts'
import { isRoot, rootCommand } from '../remarks.ts'
import type { Teller } from './words.ts'

/** One run of `--free`: who asks, how to say things, and what was agreed to by flags. */
export interface FreeSession {
  readonly flags: InspectFlags
  readonly context: Context
  readonly asker: Asker
  readonly engines: Engines
  readonly teller: Teller
  readonly signal: NodeJS.Signals
  readonly graceMs: number
  say(line: string): void
}

/** How long a process may take to end, unless --grace says otherwise. */
const USUAL_GRACE_MS = parseDuration('5s')

export function freeSession(flags: InspectFlags, context: Context): FreeSession {
  const uid = process.getuid?.()
  const { env, stderr } = context
  const sshPort = Number(env.SSH_CONNECTION?.split(' ')[3])
  return {
    flags,
    context,
    engines: engines(),
    asker: {
      uid,
      chain: new Set(chainAbove(pidIn() ?? process.pid)),
      sshPort: Number.isInteger(sshPort) ? sshPort : undefined,
    },
    teller: { home: env.HOME, userName: userNames(), now: context.now(), viewerUid: uid },
    signal: flags.signal ?? 'SIGTERM',
    graceMs: flags.grace ?? USUAL_GRACE_MS,
    say: line => {
      stderr.write(`${terminalText(line)}\n`)
    },
  }
}

/** Says how to see what is hidden on these ports: the report, with all rights. */
export function sayAsRoot(
  ports: readonly number[],
  { context, say }: Pick<FreeSession, 'context' | 'say'>,
): void {
  if (!isRoot()) say(`As root: ${rootCommand(ports.map(String), context)}`)
}

/** Whether to go on; or why not. */
export type Consent = 'yes' | 'declined' | 'unconfirmed'

/** Asks, unless a flag has answered already; nobody is there to be asked without a terminal. */
export async function consentTo(
  question: string,
  { flags, context }: Pick<FreeSession, 'flags' | 'context'>,
): Promise<Consent> {
  if (flags.yes) return 'yes'
  if (!canAsk(context)) return 'unconfirmed'
  return (await confirm(terminalText(question), context)) ? 'yes' : 'declined'
}
