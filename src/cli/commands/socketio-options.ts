import type { Endpoint } from '../../endpoint/types.ts'
import { usageError } from '../../errors.ts'
import { RESERVED_EVENTS, type SocketIoOptions } from '../../transports/socketio/types.ts'
import type { OptionGroup } from './types.ts'

/** What serve and connect are given for Socket.IO. */
export interface SocketIoFlags {
  readonly event?: string
  readonly on?: readonly string[]
}

/** The options of serve and connect for Socket.IO. */
export const SOCKETIO_OPTIONS: OptionGroup = {
  title: 'Socket.IO (socketio://, socketios://)',
  options: [
    {
      flags: '--event <name>',
      text: 'What is said is this event, and what comes as it is shown as it is',
      parse: parseEventName,
      defaultText: 'message',
    },
    {
      flags: '--on <name>',
      text: 'Hear this event and no other; repeatable',
      parse: parseEventName,
      repeatable: true,
    },
  ],
}

/** @throws ERR_USAGE when something was given that no endpoint is for */
export function readSocketIo(
  { event, on }: SocketIoFlags,
  endpoints: readonly Endpoint[],
): SocketIoOptions | undefined {
  if (endpoints.some(({ scheme }) => scheme === 'socketio' || scheme === 'socketios')) {
    return { event, only: on }
  }
  const name = event !== undefined ? '--event' : on !== undefined ? '--on' : undefined
  if (name === undefined) return undefined
  throw usageError(`${name} is for Socket.IO`, 'Write socketio://host:port.')
}

function parseEventName(name: string): string {
  if (!RESERVED_EVENTS.includes(name)) return name
  throw usageError(`"${name}" is no event that can be sent: Socket.IO has that name for itself`)
}
