import { formatAddress, type InetAddress } from '../../../../address.ts'
import type { ListenEvent } from '../../../../datagram/events.ts'
import type { DatagramListener, ListenEnding } from '../../../../datagram/listen.ts'
import { terminalText } from '../../../../terminal-text.ts'
import type { Membership } from '../../../../transports/udp/group.ts'
import type { Datagram } from '../../../../transports/udp/types.ts'
import { formatBytes, formatCount, formatDuration } from '../../../../units.ts'
import { BoundedOutput } from '../../../bounded-output.ts'
import { loadPaint, type Paint, wantsColor } from '../../../color.ts'
import type { Context } from '../../../context.ts'
import { datagramLine, datagramRecord, withLineEnd } from '../../../datagram-line.ts'
import { type EventRecord, eventLine } from '../../../event-line.ts'
import { exposureWarning } from '../../../exposure.ts'
import type { UdpListenFlags } from '../listen.ts'

/** Where the events of a listener go. */
export interface ListenLog {
  listening(listener: DatagramListener): void
  event(event: ListenEvent): void
  end(listener: DatagramListener, ending: ListenEnding): void
}

export interface ListenLogOptions {
  /** What is done on the addresses: `listening`, `echo`. */
  readonly title: string
  /** Whether payloads are what the user wants to have: they go to stdout then. */
  readonly keepsPayloads: boolean
  readonly flags: UdpListenFlags
}

/** Makes the log that the flags ask for. */
export async function createListenLog(
  options: ListenLogOptions,
  context: Context,
): Promise<ListenLog> {
  const { flags, keepsPayloads } = options
  if (flags.json === true) return new JsonListenLog(context)
  const onStdout = keepsPayloads && context.stdout.isTTY === true
  const stream = onStdout ? context.stdout : context.stderr
  const paint = await loadPaint(wantsColor(flags.color, stream, context.env))
  return new HumanListenLog({ ...options, paint, context })
}

/**
 * For people: a line per datagram. The payloads that the user wants go to stdout: on a terminal as
 * these lines, elsewhere as they came, with the lines on stderr.
 */
class HumanListenLog implements ListenLog {
  readonly #options: ListenLogOptions & { readonly paint: Paint; readonly context: Context }
  readonly #stdout: BoundedOutput
  readonly #stderr: BoundedOutput
  readonly #onTerminal: boolean

  constructor(options: ListenLogOptions & { readonly paint: Paint; readonly context: Context }) {
    const { stdout, stderr } = options.context
    this.#options = options
    this.#stdout = new BoundedOutput(stdout)
    this.#stderr = new BoundedOutput(stderr)
    this.#onTerminal = stdout.isTTY === true
  }

  listening({ addresses, memberships }: DatagramListener): void {
    const { title, flags } = this.#options
    this.#say(`${title} on ${inSeries(addresses.map(formatUdp))}`)
    const warning = flags.allow === undefined ? exposureWarning(addresses, 'udp') : undefined
    if (warning !== undefined) this.#say(warning)
    for (const group of new Set(memberships.map(one => one.group))) {
      const places = memberships.filter(one => one.group === group).map(formatPlace)
      this.#say(`joined ${group} on ${inSeries(places)}`)
    }
  }

  event(event: ListenEvent): void {
    if (event.event === 'datagram') this.#show(event)
    else if (event.event !== 'answered') this.#say(this.#options.paint.warn(describeTrouble(event)))
  }

  end({ totals }: DatagramListener, ending: ListenEnding): void {
    const { flags } = this.#options
    const parts = [`${formatCount(totals.datagrams, 'datagram')}, ${formatBytes(totals.bytes)}`]
    if (totals.replies > 0) parts.push(formatCount(totals.replies, 'reply', 'replies'))
    if (totals.denied > 0) parts.push(`${totals.denied} not allowed`)
    const { dropped } = this.#stdout
    if (dropped > 0) parts.push(`${dropped} lost: stdout was read too slowly`)
    if (totals.lost) parts.push(`${totals.lost} lost: they came faster than they could be read`)
    const silence = ending === 'idle' ? ` (nothing for ${formatDuration(flags.idle ?? 0)})` : ''
    this.#say(`stopped${silence}: ${parts.join(', ')}`)
    this.#stdout.flush()
    this.#stderr.flush()
  }

  #show(datagram: Datagram): void {
    const { keepsPayloads, flags, paint, context } = this.#options
    const { hex, lines, quiet } = flags
    if (keepsPayloads && this.#onTerminal) {
      const { columns } = context.stdout
      this.#stdout.write(datagramLine(datagram, { paint, hex, columns }))
      return
    }
    if (keepsPayloads) this.#keep(lines === true ? withLineEnd(datagram.data) : datagram.data)
    if (quiet === true) return
    const columns = context.stderr.isTTY === true ? context.stderr.columns : undefined
    this.#stderr.write(datagramLine(datagram, { paint, hex, columns }))
  }

  #keep(payload: Buffer): void {
    const { dropped } = this.#stdout
    this.#stdout.write(payload)
    if (dropped > 0 || this.#stdout.dropped === 0) return
    const { paint } = this.#options
    this.#stderr.write(`${paint.warn('stdout is read too slowly: datagrams are being lost')}\n`)
  }

  #say(line: string): void {
    if (this.#options.flags.quiet !== true) this.#stderr.write(`${line}\n`)
  }
}

/** For programs: a line of JSON per event, on stdout. */
class JsonListenLog implements ListenLog {
  readonly #stdout: BoundedOutput
  readonly #now: () => Date

  constructor(context: Context) {
    this.#stdout = new BoundedOutput(context.stdout)
    this.#now = context.now
  }

  listening({ addresses, memberships }: DatagramListener): void {
    const joined = memberships.length > 0 ? { joined: memberships } : {}
    this.#write({ event: 'listening', addresses, ...joined })
  }

  event(event: ListenEvent): void {
    if (event.event === 'datagram') this.#write({ event: 'datagram', ...datagramRecord(event) })
    else this.#write({ ...event })
  }

  end({ totals }: DatagramListener, reason: ListenEnding): void {
    const { dropped } = this.#stdout
    this.#write({ event: 'end', reason, ...totals, ...(dropped > 0 ? { dropped } : {}) })
    this.#stdout.flush()
  }

  #write(record: EventRecord): void {
    this.#stdout.write(eventLine(record, this.#now()))
  }
}

/** What deserves a look, on a line. */
function describeTrouble(event: Exclude<ListenEvent, { event: 'datagram' | 'answered' }>): string {
  switch (event.event) {
    case 'unanswered':
      return `#${event.id} not answered: ${terminalText(event.text)}`
    case 'denied':
      return `${terminalText(formatAddress(event.remote))}  ${event.bytes} B  not allowed`
    case 'trouble':
      return terminalText(event.text)
  }
}

/** `a`, `a and b`, `a, b and c`. */
function inSeries(words: readonly string[]): string {
  return words.join(', ').replace(/, (?=[^,]*$)/, ' and ')
}

function formatUdp(address: InetAddress): string {
  return `udp://${formatAddress(address)}`
}

function formatPlace({ interface: name, address }: Membership): string {
  return terminalText(address === undefined ? name : `${name} (${address})`)
}
