import type { Duplex } from 'node:stream'
import { closed, pump } from '../channel/pump.ts'
import { asStream } from '../channel/reframe.ts'
import { formatDuration } from '../units.ts'
import { type Child, type ChildSettings, startChild } from './exec/child.ts'
import { conversationEnvironment } from './exec/environment.ts'
import type { Handler } from './types.ts'

export interface ExecSettings extends ChildSettings {
  /** How long a command may take to leave: when both sides have ended, and after SIGTERM. */
  readonly graceMs?: number
}

const DEFAULT_GRACE_MS = 2000

/**
 * Starts a command for each peer: what the peer sends is its stdin, its stdout goes to the peer. The
 * peer's end is the end of stdin, and what the command says after that still arrives. When the peer
 * is gone the command is ended, and with it all that it has started.
 *
 * Its environment tells `SOCKCTL_REMOTE_ADDR` and the like, also by ncat's names.
 */
export function exec({ graceMs = DEFAULT_GRACE_MS, ...settings }: ExecSettings): Handler {
  const [program = ''] = settings.command
  return async (channel, context) => {
    const { duplex } = asStream(channel, context.framing)
    const env = { ...settings.env, ...conversationEnvironment(channel, context) }
    const child = await startChild({ ...settings, env })
    // A command need not read all of its input: what still comes is dropped.
    child.stdin.on('error', () => {}).on('close', () => duplex.resume())
    pump(duplex, child.stdin)
    pump(child.stdout, duplex)
    try {
      await Promise.race([child.over, closed(duplex)])
    } finally {
      const note = await seeOff(child, { duplex, graceMs })
      if (note !== undefined) context.note(`${program} ${note}`)
    }
  }
}

/** Waits for a command's end, or brings it about. Says what was not as it should be. */
async function seeOff(
  child: Child,
  { duplex, graceMs }: { readonly duplex: Duplex; readonly graceMs: number },
): Promise<string | undefined> {
  // After a conversation in good order a command has things to finish, if only to exit.
  const mayFinish = !duplex.destroyed || (duplex.readableEnded && duplex.writableFinished)
  if (mayFinish && (await child.leavesWithin(graceMs))) {
    const { code, signal } = await child.over
    if (signal !== null) return `was ended by ${signal}`
    return code === 0 ? undefined : `exited with ${code}`
  }
  const signal = await child.terminate(graceMs)
  if (signal === 'SIGTERM') return undefined
  return `was killed: still there ${formatDuration(graceMs)} after SIGTERM`
}
