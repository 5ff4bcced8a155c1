import { readFile } from 'node:fs/promises'
import { type DatagramListenOptions, listenForDatagrams } from '../../../../datagram/listen.ts'
import { parseEndpoints } from '../../../../endpoint/parse.ts'
import type { InetEndpoint } from '../../../../endpoint/types.ts'
import { SockctlError, systemError, usageError } from '../../../../errors.ts'
import { LARGEST_DATAGRAM_BYTES } from '../../../../transports/udp/types.ts'
import { Announcement } from '../../../announcement.ts'
import type { Context } from '../../../context.ts'
import { EXIT_CODES } from '../../../exit-code.ts'
import { untilOver } from '../../../shutdown.ts'
import type { Invocation } from '../../types.ts'
import { nameUdpHolder, requireUdp } from '../endpoint.ts'
import type { UdpListenFlags } from '../listen.ts'
import { createListenLog } from './log.ts'

/** Runs `sockctl udp listen`: listens, tells everybody who wants to know, and waits for the end. */
export async function runUdpListen(
  { words, flags }: Invocation<UdpListenFlags>,
  context: Context,
): Promise<number> {
  const options = readOptions(words, flags)
  const purpose = await choosePurpose(flags)
  const log = await createListenLog({ ...purpose, flags }, context)
  const announcement = new Announcement(flags)
  const listener = await listenForDatagrams({
    ...options,
    answer: purpose.answer,
    onEvent: event => log.event(event),
  }).catch(nameUdpHolder)
  // From here on signals are ours: whoever is told that we listen may stop us at once.
  const over = untilOver(listener, context)
  try {
    announcement.publish(listener.addresses)
    log.listening(listener)
    const code = await over
    log.end(listener, await listener.over)
    if (code !== undefined || context.outputClosed.aborted) return code ?? EXIT_CODES.ok.code
    ensureEnough(listener.totals.datagrams, options.maxDatagrams)
    return EXIT_CODES.ok.code
  } finally {
    listener.abandon()
    announcement.withdraw()
  }
}

/** What is done with each datagram. */
interface Purpose {
  /** For people, before `on udp://...`. */
  readonly title: string
  readonly answer?: (data: Buffer) => Buffer
  /** Whether the payloads are what the user wants to have. */
  readonly keepsPayloads: boolean
}

async function choosePurpose(flags: UdpListenFlags): Promise<Purpose> {
  const { echo, reply, replyFile, discard } = flags
  const asked = Object.entries({ echo, reply, 'reply-file': replyFile, discard })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`)
  if (asked.length > 1) throw usageError(`one of these at a time: ${asked.join(' and ')}`)
  if (echo) return { title: 'echo', answer: data => data, keepsPayloads: false }
  if (discard) return { title: 'discard', keepsPayloads: false }
  if (reply !== undefined) return { title: 'reply', ...replyWith(reply), keepsPayloads: false }
  if (replyFile !== undefined) {
    const content = await readFile(replyFile).catch(error => {
      throw systemError(`cannot read ${replyFile}`, error)
    })
    return { title: `reply with ${replyFile}`, ...replyWith(content), keepsPayloads: false }
  }
  return { title: 'listening', keepsPayloads: true }
}

function replyWith(data: Buffer): { answer: () => Buffer } {
  if (data.length > LARGEST_DATAGRAM_BYTES) {
    throw usageError(
      `a reply of ${data.length} bytes does not fit in one datagram (${LARGEST_DATAGRAM_BYTES} at most)`,
    )
  }
  return { answer: () => data }
}

function readOptions(
  words: readonly string[],
  flags: UdpListenFlags,
): Omit<DatagramListenOptions, 'answer' | 'onEvent'> {
  const endpoints: InetEndpoint[] = parseEndpoints(words, 'udp').map(requireUdp)
  if (flags.port !== undefined || endpoints.length === 0) {
    endpoints.push({ scheme: 'udp', host: undefined, port: flags.port ?? 0 })
  }
  if (flags.accepts === 0) throw usageError('option --accepts: 1 at least')
  return {
    endpoints,
    public: flags.public,
    family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : undefined,
    interface: flags.interface,
    allow: flags.allow,
    deny: flags.deny,
    buffers: { receiveBytes: flags.rcvbuf, sendBytes: flags.sndbuf },
    maxDatagrams: flags.once ? 1 : flags.accepts,
    durationMs: flags.for,
    idleMs: flags.idle,
  }
}

/** Time was up before what was waited for had come. */
function ensureEnough(came: number, wanted: number | undefined): void {
  if (wanted === undefined || came >= wanted) return
  throw new SockctlError('ERR_TIMEOUT', `${came} of ${wanted} datagrams came in time`)
}
