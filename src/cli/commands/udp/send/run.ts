import { formatAddress, isLoopback, isMulticast } from '../../../../address.ts'
import { type SendOutcome, sendDatagrams } from '../../../../datagram/send.ts'
import { takeEndpoint } from '../../../../endpoint/parse.ts'
import { SockctlError, usageError } from '../../../../errors.ts'
import { destinationsOf } from '../../../../transports/udp/destination.ts'
import { formatDuration } from '../../../../units.ts'
import type { Context, InputStream } from '../../../context.ts'
import {
  type ByteSource,
  fileSource,
  linesAsDatagrams,
  stdinSource,
  wholeAsDatagram,
} from '../../../datagram-input.ts'
import { parseEscapes } from '../../../escapes.ts'
import { EXIT_CODES } from '../../../exit-code.ts'
import { ensureFiles, sendParts } from '../../../send-parts.ts'
import { untilOver } from '../../../shutdown.ts'
import type { Invocation } from '../../types.ts'
import { nameUdpHolder, requireUdp } from '../endpoint.ts'
import type { UdpSendFlags } from '../send.ts'
import { createSendLog, describeRefusal } from './log.ts'

/** How long replies are waited for where nothing was said. */
const DEFAULT_WAIT_MS = 1000

/** Runs `sockctl udp send`: sends what there is, prints what comes back, and gives the verdict. */
export async function runUdpSend(
  { words, flags }: Invocation<UdpSendFlags>,
  context: Context,
): Promise<number> {
  if (words.length === 0) {
    throw usageError('where to? Write a host and port', 'sockctl udp send localhost:9999 hello')
  }
  const { endpoint, rest } = takeEndpoint(words, 'udp')
  const { sources, stdin } = chooseSources(rest, flags, context)
  const isTyped = stdin?.isTTY === true
  const isLines = flags.lines === true || isTyped
  const options = readOptions(flags)
  // Before signals are ours: a look-up cannot be ended but with the process.
  const destinations = await destinationsOf(requireUdp(endpoint), options)
  const log = await createSendLog({ flags, isStream: isLines || sources.length > 1 }, context)
  const stopping = new AbortController()
  const sending = sendDatagrams({
    ...options,
    destinations,
    payloads: datagramsOf(sources, isLines),
    onEvent: event => log.event(event),
    signal: stopping.signal,
  }).catch(nameUdpHolder)
  const stop = (): void => stopping.abort()
  if (isTyped && flags.quiet !== true) {
    context.stderr.write('each line is sent as a datagram; Ctrl-D ends\n')
  }
  try {
    const code = await untilOver({ over: sending, stop, abandon: stop }, context)
    const outcome = await sending
    log.end(outcome)
    if (code !== undefined) return code
    judge(outcome, flags, context)
    return EXIT_CODES.ok.code
  } finally {
    // A terminal that we were still reading from would keep us.
    stdin?.destroy()
  }
}

/** What is to be sent: the words, then the flags in their order; or stdin. */
function chooseSources(
  words: readonly string[],
  flags: UdpSendFlags,
  context: Context,
): { readonly sources: readonly ByteSource[]; readonly stdin: InputStream | undefined } {
  const parts = sendParts(flags)
  ensureFiles(parts)
  const readsStdin =
    words.length + parts.length === 0 || parts.some(part => 'file' in part && part.file === '-')
  // Touched only where it is read: opening it has a cost, and it may not be there.
  const stdin = readsStdin ? context.stdin : undefined
  const text = words.length === 0 ? [] : [parseEscapes(words.join(' '))]
  const sources: ByteSource[] = text.map(data => ({ name: 'the text', chunks: [data] }))
  for (const part of parts) {
    if ('data' in part) sources.push({ name: 'what is to be sent', chunks: [part.data] })
    else if (part.file !== '-') sources.push(fileSource(part.file))
    else if (stdin !== undefined) sources.push(stdinSource(stdin))
  }
  if (sources.length === 0 && stdin !== undefined) sources.push(stdinSource(stdin))
  return { sources, stdin }
}

async function* datagramsOf(
  sources: readonly ByteSource[],
  isLines: boolean,
): AsyncGenerator<Buffer> {
  for (const source of sources) {
    yield* isLines ? linesAsDatagrams(source) : wholeAsDatagram(source)
  }
}

function readOptions(flags: UdpSendFlags) {
  if (flags.expectReplies === 0) throw usageError('option --expect-replies: 1 at least')
  return {
    family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : undefined,
    numeric: flags.numeric,
    localHost: flags.source,
    localPort: flags.sourcePort,
    broadcast: flags.broadcast,
    interface: flags.interface,
    ttl: flags.ttl,
    anyPeer: flags.anyPeer,
    waitMs: waited(flags),
    wantedReplies: flags.expectReplies,
  } as const
}

/**
 * Says what silence means; throws it where replies were asked for.
 *
 * @throws ERR_REFUSED, ERR_TIMEOUT
 */
function judge(outcome: SendOutcome, flags: UdpSendFlags, context: Context): void {
  const { replies, remote, verdict } = outcome
  if (verdict === 'refused') throw refusal(outcome, flags)
  if (verdict === 'stopped' || flags.wait === 0) return
  const wanted = flags.expectReplies ?? 1
  if (replies >= wanted) return
  const what = wanted > 1 ? `${replies} of ${wanted} replies` : 'no reply'
  const message = `${what} from ${formatAddress(remote)} in ${formatDuration(waited(flags))}`
  const hints = replies === 0 ? silenceHints(outcome) : []
  if (flags.wait !== undefined || flags.expectReplies !== undefined) {
    throw new SockctlError('ERR_TIMEOUT', message, { hints })
  }
  if (flags.quiet === true) return
  context.stderr.write([message, ...hints.map(hint => `  ${hint}`), ''].join('\n'))
}

function refusal(
  { remote, error, sent }: SendOutcome & { verdict: 'refused' },
  flags: UdpSendFlags,
): SockctlError {
  const hints: string[] = []
  if (isMulticast(remote.host) && flags.interface === undefined) {
    hints.push('Say where the group is: --interface eth0')
  }
  if (sent > 1) hints.push(`That was after ${sent} datagrams.`)
  return new SockctlError('ERR_REFUSED', describeRefusal(remote, error), { cause: error, hints })
}

/** What silence means, and what it does not. */
function silenceHints({ hearsRefusals, remote }: SendOutcome): string[] {
  if (!hearsRefusals) return ['UDP gives no receipt, and this way a refusal would not be heard.']
  if (isLoopback(remote.host)) {
    return ['Something is bound there, or this machine had refused: it does not answer.']
  }
  return ['This does not mean closed: UDP gives no receipt. (No ICMP refusal either.)']
}

function waited(flags: UdpSendFlags): number {
  return flags.wait ?? DEFAULT_WAIT_MS
}
