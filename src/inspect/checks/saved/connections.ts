import { formatCount } from '../../../units.ts'
import { oneWord } from '../../views/end-words.ts'
import { firstFew } from '../socket-name.ts'
import type { CheckResult } from '../types.ts'
import { connectionName, endName, holdersName } from './names.ts'
import type { SavedSocket } from './types.ts'

/** Connections of one program with one peer in one state: where a leak shows. */
interface Stream {
  /** `java to 10.0.3.7:9200` */
  readonly name: string
  readonly state: SavedSocket['state']
  readonly sockets: SavedSocket[]
}

/** The sockets of two moments, and by which numbers they can be told apart. */
export interface TwoMoments {
  readonly before: readonly SavedSocket[]
  readonly now: readonly SavedSocket[]
  /** The kernel has not been started in between: its cookies mean the same. */
  readonly isSameBoot: boolean
  /** Ports of listeners, before or now: `tcp 8080`. */
  readonly doors: ReadonlySet<string>
}

/**
 * Compares the TCP connections that are open or wait for their process to close them, by program and
 * peer: more of them than before are a leak, also where all of them are other ones than before.
 */
export function compareConnections({ before, now, isSameBoot, doors }: TwoMoments): CheckResult[] {
  const earlier = streamsOf(before, doors)
  const identity = (socket: SavedSocket): string => identityOf(socket, isSameBoot)
  const known = new Map(before.filter(isCounted).map(one => [identity(one), one.state]))
  return [...streamsOf(now, doors)].flatMap(([key, stream]) => {
    const count = earlier.get(key)?.sockets.length ?? 0
    const grown = stream.sockets.length - count
    if (grown > 0) return leak(stream, { count, known, identity })
    return stays(stream, { known, identity })
  })
}

interface Known {
  /** The state of each connection before. */
  readonly known: ReadonlyMap<string, SavedSocket['state']>
  readonly identity: (socket: SavedSocket) => string
}

function leak(
  { name, state, sockets }: Stream,
  { count, known, identity }: Known & { readonly count: number },
): CheckResult[] {
  const isUnclosed = state === 'close-wait'
  const more = formatCount(sockets.length - count, 'more connection')
  const others = sockets.filter(one => known.get(identity(one)) !== state)
  return [
    {
      name: isUnclosed ? 'diff.leaked-connection' : 'diff.more-connections',
      subject: name,
      ok: false,
      severity: isUnclosed ? 'problem' : 'warning',
      message: `${more} of ${name} in ${state}: ${count} before, ${sockets.length} now`,
      details: firstFew(others, one => {
        const was = known.get(identity(one))
        const how = was === undefined ? 'new' : `was ${was}`
        return `${connectionName(one)}, ${holdersName(one)}, ${how}`
      }),
    },
  ]
}

/** The other end has closed them, and the process has not, in all the time between. */
function stays({ name, state, sockets }: Stream, { known, identity }: Known): CheckResult[] {
  const same = sockets.filter(one => known.get(identity(one)) === 'close-wait')
  if (state !== 'close-wait' || same.length === 0) return []
  const count = formatCount(same.length, 'connection')
  return [
    {
      name: 'diff.unclosed-connection',
      subject: name,
      ok: true,
      severity: 'note',
      message: `${count} of ${name} in close-wait then and now`,
      details: firstFew(same, one => `${connectionName(one)}, ${holdersName(one)}`),
    },
  ]
}

function streamsOf(
  sockets: readonly SavedSocket[],
  doors: ReadonlySet<string>,
): ReadonlyMap<string, Stream> {
  const streams = new Map<string, Stream>()
  for (const socket of sockets) {
    if (!isCounted(socket)) continue
    const name = streamName(socket, doors)
    const key = JSON.stringify([socket.protocol, socket.netns, name, socket.state])
    const stream = streams.get(key)
    if (stream === undefined) streams.set(key, { name, state: socket.state, sockets: [socket] })
    else stream.sockets.push(socket)
  }
  return streams
}

function isCounted({ protocol, state }: SavedSocket): boolean {
  const isStream = protocol === 'tcp' || protocol === 'mptcp'
  return isStream && (state === 'established' || state === 'close-wait')
}

/** A client has a port of its own for each connection: only that of the server stays the same. */
function streamName(socket: SavedSocket, doors: ReadonlySet<string>): string {
  const { protocol, local, remote } = socket
  const program = programName(socket)
  return doors.has(`${protocol} ${local?.port}`)
    ? `${program} at ${endName(local)} from ${oneWord(remote?.host ?? '*')}`
    : `${program} to ${endName(remote)}`
}

/** Without pids: a program that was started anew is the same one. */
function programName(socket: SavedSocket): string {
  const { owners, ownership } = socket
  if (owners.length === 0) return `(${holdersName(socket)})`
  const names = [...new Set(owners.map(({ name }) => oneWord(name)))].sort().join(',')
  return ownership === 'unaccepted' ? `(waiting to be accepted by ${names})` : names
}

function identityOf(
  { protocol, netns, cookie, local, remote }: SavedSocket,
  isSameBoot: boolean,
): string {
  return isSameBoot && cookie !== undefined
    ? cookie
    : JSON.stringify([protocol, netns, local, remote])
}
