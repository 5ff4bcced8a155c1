import { formatAddress, type InetAddress } from '../../../../address.ts'
import type { SendEvent, SendOutcome } from '../../../../datagram/send.ts'
import { errnoOf, systemError } from '../../../../errors.ts'
import { terminalText } from '../../../../terminal-text.ts'
import { formatBytes, formatCount } from '../../../../units.ts'
import { BoundedOutput } from '../../../bounded-output.ts'
import { loadPaint, type Paint, wantsColor } from '../../../color.ts'
import type { Context } from '../../../context.ts'
import { datagramLine, datagramRecord, withLineEnd } from '../../../datagram-line.ts'
import { eventLine } from '../../../event-line.ts'
import type { UdpSendFlags } from '../send.ts'

/** Where the events of sending go. */
export interface SendLog {
  event(event: SendEvent): void
  end(outcome: SendOutcome): void
}

export interface SendLogOptions {
  readonly flags: UdpSendFlags
  /** Whether more than one datagram may be sent: then only the first is told of, and the sum. */
  readonly isStream: boolean
}

/** Makes the log that the flags ask for. */
export async function createSendLog(options: SendLogOptions, context: Context): Promise<SendLog> {
  if (options.flags.json === true) return jsonSendLog(context)
  const stream = context.stdout.isTTY === true ? context.stdout : context.stderr
  const paint = await loadPaint(wantsColor(options.flags.color, stream, context.env))
  return new HumanSendLog({ ...options, paint, context })
}

/** For people. Replies go to stdout: on a terminal as lines, elsewhere as they came. */
class HumanSendLog implements SendLog {
  readonly #options: SendLogOptions & { readonly paint: Paint; readonly context: Context }
  readonly #stdout: BoundedOutput
  #hasSent = false

  constructor(options: SendLogOptions & { readonly paint: Paint; readonly context: Context }) {
    this.#options = options
    this.#stdout = new BoundedOutput(options.context.stdout)
  }

  event(event: SendEvent): void {
    switch (event.event) {
      case 'sent':
        this.#tellOfFirst(event)
        break
      case 'reply':
        this.#show(event)
        break
      case 'refused':
        this.#say(`${describeRefusal(event.remote, event.error)}; trying its next address`)
        break
    }
  }

  end({ sent, sentBytes, replies }: SendOutcome): void {
    this.#stdout.flush()
    if (!this.#options.isStream || sent === 0) return
    const all = `${formatCount(sent, 'datagram')}, ${formatBytes(sentBytes)}`
    this.#say(`sent ${all}; ${formatCount(replies, 'reply', 'replies')}`)
  }

  #tellOfFirst({ local, remote, bytes }: Extract<SendEvent, { event: 'sent' }>): void {
    const { isStream } = this.#options
    if (isStream && this.#hasSent) return
    this.#hasSent = true
    const from = terminalText(`to ${formatAddress(remote)} from ${formatAddress(local)}`)
    this.#say(isStream ? `sending ${from}` : `sent ${bytes} B ${from}`)
  }

  #show(reply: Extract<SendEvent, { event: 'reply' }>): void {
    const { flags, paint, context } = this.#options
    const { stdout, stderr } = context
    const stream = stdout.isTTY === true ? stdout : stderr
    const columns = stream.isTTY === true ? stream.columns : undefined
    const line = datagramLine(reply, { paint, columns, rttMs: reply.rttMs })
    if (stdout.isTTY === true) {
      this.#stdout.write(line)
    } else {
      this.#stdout.write(flags.lines === true ? withLineEnd(reply.data) : reply.data)
      if (flags.quiet !== true) stderr.write(line)
    }
  }

  #say(line: string): void {
    if (this.#options.flags.quiet !== true) this.#options.context.stderr.write(`${line}\n`)
  }
}

/** For programs: a line of JSON per event, on stdout. */
function jsonSendLog({ stdout, now }: Context): SendLog {
  const output = new BoundedOutput(stdout)
  return {
    event(event) {
      if (event.event === 'reply') {
        const { rttMs } = event
        const rtt = rttMs === undefined ? {} : { rttMs: Number(rttMs.toFixed(3)) }
        output.write(eventLine({ event: 'reply', ...datagramRecord(event), ...rtt }, now()))
      } else if (event.event === 'refused') {
        const { remote, error } = event
        const code = errnoOf(error)
        output.write(eventLine({ event: 'refused', remote, code, text: error.message }, now()))
      } else {
        output.write(eventLine({ ...event }, now()))
      }
    },
    end({ verdict, sent, sentBytes, replies, remote }) {
      const totals = { sent, bytes: sentBytes, replies }
      output.write(eventLine({ event: 'end', verdict, remote, ...totals }, now()))
      output.flush()
    },
  }
}

/** `127.0.0.1:5001 refused (ICMP port unreachable): nothing is bound there`, and its kin. */
export function describeRefusal(remote: InetAddress, error: Error): string {
  const peer = formatAddress(remote)
  return errnoOf(error) === 'ECONNREFUSED'
    ? `${peer} refused (ICMP port unreachable): nothing is bound there`
    : systemError(`cannot reach ${peer}`, error).message
}
