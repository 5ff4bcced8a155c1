import { ReadStream } from 'node:fs'
import { Writable } from 'node:stream'
import type { Endpoint } from '../../../endpoint/types.ts'
import { SockctlError } from '../../../errors.ts'
import { LAYERS } from '../../../layers/index.ts'
import { type ConnectOptions, connect } from '../../../session/connect.ts'
import type { ConnectSession } from '../../../session/connect-session.ts'
import { failureOf } from '../../../session/outcome.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import { eventConnectLog, inEvents, type Tell } from '../../connect-events.ts'
import {
  type ConnectLog,
  explainWaiting,
  HumanConnectLog,
  hexLog,
  peerOf,
} from '../../connect-log.ts'
import type { Context } from '../../context.ts'
import { adviseOnDial } from '../../dial-advice.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { openReceivedOutput, type ReceivedOutput } from '../../received-output.ts'
import { ensureFiles, readParts, sendParts } from '../../send-parts.ts'
import { ensureSendable } from '../../sendable-stdin.ts'
import { untilOver } from '../../shutdown.ts'
import { showProgress } from '../../transfer-progress.ts'
import type { ConnectFlags } from '../connect.ts'
import { readSocketIo } from '../socketio-options.ts'
import type { Invocation } from '../types.ts'
import { readWebSocketDial } from '../websocket-options.ts'
import { runCertificateCheck } from './certificate.ts'
import { rejectForeignFlags } from './foreign-flags.ts'
import { type ConnectPlan, readConnectPlan, readCredential, readDialOptions } from './options.ts'
import { runPortCheck } from './ports.ts'
import { readConnectTls } from './tls.ts'

/** Runs `sockctl connect`: opens the connection, and sees it through to its end. */
export function runConnect(
  invocation: Invocation<ConnectFlags>,
  context: Context,
): Promise<number> {
  if (invocation.flags.json !== true) return runIn(context, invocation)
  return inEvents(context, (world, tell) => runIn(world, invocation, tell))
}

/** @param tell says what happens in place of words for people */
async function runIn(
  context: Context,
  { words, flags }: Invocation<ConnectFlags>,
  tell?: Tell,
): Promise<number> {
  rejectForeignFlags(words, flags)
  const paint = await loadPaint(wantsColor(flags.color, context.stderr, context.env))
  if (flags.z) return runPortCheck(words, flags, { context, paint, tell })

  const plan = readConnectPlan(words, flags)
  if (flags.showCert || flags.expectCertDays !== undefined) {
    return runCertificateCheck(plan.endpoint, flags, context)
  }
  const tls = await readConnectTls(flags, plan.endpoint, { context })
  const credential = await readCredential(flags, context)
  const websocket = await readWebSocketDial(flags, [plan.endpoint], context)
  const socketio = readSocketIo(flags, [plan.endpoint])
  const dial = { ...(await readDialOptions(flags, context)), tls, credential, websocket, socketio }
  ensureFiles(sendParts(flags), plan)
  if (readsStdin(plan, flags)) ensureSendable(context.stdin)
  const output = await openOutput(flags, context)
  const input = openInput(plan, flags, context)
  const isTyped = input.atPeerEnd === 'stop'
  const isInteractive = isTyped && context.stderr.isTTY === true
  const log =
    tell === undefined
      ? new HumanConnectLog(context.stderr, {
          paint,
          isInteractive,
          quiet: flags.quiet,
          verbose: flags.verbose !== undefined,
          stats: flags.stats,
          endless: plan.endless,
        })
      : eventConnectLog(tell)
  const hex = flags.hex ? [LAYERS.hexdump(hexLog(context.stderr, paint))] : []
  try {
    const session = await open(plan.endpoint, {
      ...plan,
      ...input,
      dial: { ...dial, onAttempt: attempt => log.tried(attempt) },
      // The dump stands next to the wire: it shows what is really sent.
      layers: [...hex, ...plan.layers],
      output: output.stream,
    })
    return await see(session, { plan, output, log, isTyped, flags }, context)
  } finally {
    // A stdin that is still open would keep the process.
    input.input?.destroy()
    await output.close()
  }
}

function readsStdin({ source }: ConnectPlan, flags: ConnectFlags): boolean {
  if (source !== 'flags') return source === 'stdin'
  return sendParts(flags).some(part => 'file' in part && part.file === '-')
}

function openOutput(flags: ConnectFlags, { stdout }: Context): Promise<ReceivedOutput> {
  if (flags.sendOnly !== true) {
    return openReceivedOutput(stdout, { file: flags.output, raw: flags.raw })
  }
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  return Promise.resolve({ stream: nowhere, close: async () => {} })
}

function openInput(
  plan: ConnectPlan,
  flags: ConnectFlags,
  context: Context,
): Pick<ConnectOptions, 'input' | 'atPeerEnd'> {
  const { source } = plan
  if (source === 'nothing') return { input: undefined, atPeerEnd: 'finish' }
  if (source === 'flags') {
    const input = readParts(sendParts(flags), () => context.stdin, plan)
    return { input, atPeerEnd: 'finish' }
  }
  const { stdin } = context
  if (stdin.isTTY) return { input: stdin, atPeerEnd: 'stop' }
  // A file, or /dev/null: it has an end, and never keeps us waiting for it.
  const hasEnd = stdin instanceof ReadStream
  return { input: stdin, atPeerEnd: hasEnd || flags.sendOnly ? 'finish' : 'drain' }
}

async function open(endpoint: Endpoint, options: ConnectOptions): Promise<ConnectSession> {
  try {
    return await connect(endpoint, options)
  } catch (error) {
    throw error instanceof SockctlError ? adviseOnDial(error, endpoint) : error
  }
}

interface Conversation {
  readonly plan: ConnectPlan
  readonly output: ReceivedOutput
  readonly log: ConnectLog
  /** By somebody at a keyboard. */
  readonly isTyped: boolean
  readonly flags: ConnectFlags
}

async function see(
  session: ConnectSession,
  { plan, output, log, isTyped, flags }: Conversation,
  context: Context,
): Promise<number> {
  let outputError: Error | undefined
  const onOutputError = (error: Error): void => {
    outputError = error
    session.stop()
  }
  if (output.stream !== context.stdout) output.stream.on('error', onOutputError)
  // From here on signals are ours: whoever is told that we are connected may stop us at once.
  const stopped = untilOver(session, context)
  log.connected(session, plan.endpoint)
  const endShow = isTyped || flags.quiet ? () => {} : showWhatGoesOn(session, plan, context)
  const signalCode = await stopped
  endShow()
  const outcome = await session.over
  // First all that came, then what there is to say about it.
  if (outputError === undefined) await output.close()
  log.over(outcome)
  if (outputError !== undefined) throw outputError
  if (signalCode !== undefined) return signalCode
  const failure = failureOf(outcome, { ...plan, peer: peerOf(session, plan.endpoint) })
  if (failure !== undefined) {
    throw outcome.bytesIn > 0 ? failure : atTheDoor(failure, flags)
  }
  return EXIT_CODES.ok.code
}

/** By a reset a server turns away, and by TLS 1.3 after the handshake. */
function atTheDoor(failure: SockctlError, { token, cert }: ConnectFlags): SockctlError {
  const isReset = failure.code === 'ERR_RESET'
  if (token !== undefined && isReset) return failure.withHints('It may not have taken the token.')
  return cert !== undefined && (isReset || failure.code === 'ERR_INCOMPLETE')
    ? failure.withHints('It may not let in whom the certificate of --cert is for.')
    : failure
}

/** To somebody who looks on, and types nothing. */
function showWhatGoesOn(
  session: ConnectSession,
  { endless }: ConnectPlan,
  { stdout, stderr }: Context,
): () => void {
  if (stderr.isTTY !== true) return () => {}
  return stdout.isTTY
    ? explainWaiting(session, stderr, endless)
    : showProgress(() => session.traffic, stderr)
}
