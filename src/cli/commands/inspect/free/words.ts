import type { DoorGroup } from '../../../../inspect/act/doors.ts'
import type { PlannedHolder } from '../../../../inspect/act/free-plan.ts'
import type { Supervisor } from '../../../../inspect/act/supervisor.ts'
import { formatEnd, portOf } from '../../../../inspect/ends.ts'
import type { BindTrial } from '../../../../inspect/explain/bind-probe.ts'
import { nameText } from '../../../../inspect/name-text.ts'
import { formatPorts } from '../../../../inspect/select/ports.ts'
import type { SocketRecord } from '../../../../inspect/types.ts'
import type { UserName } from '../../../../inspect/users.ts'
import { joined, ownerWords, pathWords } from '../../../../inspect/views/report-words.ts'
import { formatCount, formatDuration } from '../../../../units.ts'

/** What is said of processes that are to be stopped. All of it holds text from outside. */

export interface Teller {
  readonly home: string | undefined
  readonly userName: UserName
  readonly now: Date
  readonly viewerUid: number | undefined
}

/** A process that would be stopped, in a few lines: what it holds, where, whose, since when. */
export function describeHolder(holder: PlannedHolder, teller: Teller): string[] {
  const { facts, supervisor } = holder
  const { workingFolder, project, startedAt, uid, command, state, terminal } = facts
  const isNamed = project !== undefined && !workingFolder?.endsWith(`/${project.name}`)
  const folder = workingFolder && pathWords(workingFolder, teller)
  const user = uid === undefined ? undefined : (teller.userName(uid) ?? `uid ${uid}`)
  const what = [
    ...(folder === undefined ? [] : [`in ${folder}${isNamed ? ` (${project.name})` : ''}`]),
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(startedAt === undefined
      ? []
      : [`for ${formatDuration(Math.max(0, teller.now.getTime() - startedAt.getTime()))}`]),
  ]
  return [
    `${ownerWords(holder)} ${doorsText(holder.doors)}`,
    `  ${what.join(', ')}`,
    ...(command === undefined ? [] : [`  ${cut(command)}`]),
    ...(state === 'stopped'
      ? [`  suspended${terminal === undefined ? '' : ` in ${terminal}`} (Ctrl-Z): fg wakes it`]
      : []),
    ...(state === 'waiting for a device' ? ['  waits for a device: signals wait with it'] : []),
    ...(supervisor === undefined ? [] : [`  ${supervisorText(supervisor)}`]),
  ]
}

/** Who would start it again, and what to type in place of stopping it. */
function supervisorText({ name, stop, waitsForChange }: Supervisor): string {
  return waitsForChange
    ? `${name} starts it again when a file changes; to end both: ${stop}`
    : `${name} may start it again: use ${stop}`
}

/** `Stop node (pid 48291, ~/code/shop-api)?` */
export function stopQuestion(
  holders: readonly PlannedHolder[],
  signal: NodeJS.Signals,
  teller: Teller,
): string {
  const named = holders.map(holder => briefly(holder, teller)).join(', ')
  const how = signal === 'SIGTERM' ? '' : ` with ${signal}`
  if (holders.length === 1) return `Stop ${named}${how}?`
  return `Stop ${holders.length} processes${how}, ${named}?`
}

/** `Kill node (pid 48291)? It can save nothing then.` */
export function killQuestion(holders: readonly PlannedHolder[]): string {
  const named = holders.map(ownerWords).join(' and ')
  return `Kill ${named}, which then can save nothing?`
}

/** `port 3000`, `ports 3000 and 5173` */
export function portsText(ports: readonly number[]): string {
  const [first] = ports
  if (ports.length === 1) return `port ${first}`
  const words = formatPorts(ports.map(port => ({ first: port, last: port })))
  return `ports ${words.replace(/ or (\d+)$/, ' and $1')}`
}

/** The ports that a group holds, each once, the lowest first. */
export function portsOf(group: DoorGroup): number[] {
  const ports = new Set(group.doors.map(({ local }) => portOf(local) ?? 0))
  return [...ports].sort((a, b) => a - b)
}

/** What uses a port besides who listens there: nobody is to be stopped for it. */
export function connectionsText(connections: readonly SocketRecord[]): string {
  const [first] = connections
  const others = connections.length - 1
  const remote = first?.remote === undefined ? 'somebody' : formatEnd(first.remote)
  return `a connection to ${remote}${others > 0 ? ` and ${formatCount(others, 'other')}` : ''}`
}

/** Why a bind says nothing about whether somebody else is in the way. */
export function untriedText(trial: BindTrial | undefined): string {
  if (trial === undefined) return 'only TCP and UDP are bound'
  switch (trial.result) {
    case 'denied':
      return `only root can bind it (${trial.errno})`
    case 'not-local':
      return `this machine does not have ${trial.host} any more (${trial.errno})`
    default:
      return `${trial.host} could not be tried (${trial.errno})`
  }
}

function briefly(holder: PlannedHolder, { home, userName, viewerUid }: Teller): string {
  const { workingFolder, uid } = holder.facts
  const user = uid === undefined ? 'somebody' : (userName(uid) ?? `uid ${uid}`)
  const parts = [
    `pid ${holder.pid}`,
    ...(workingFolder === undefined ? [] : [pathWords(workingFolder, { home })]),
    ...(uid === viewerUid ? [] : [`user ${user}`]),
  ]
  return `${nameText(holder.name)} (${parts.join(', ')})`
}

/** `listens on [::1]:3000 and 127.0.0.1:3000` */
function doorsText(doors: readonly SocketRecord[]): string {
  const places = new Map<string, string[]>()
  for (const door of doors) {
    const does = doingText(door)
    const known = places.get(does)
    if (known === undefined) places.set(does, [formatEnd(door.local)])
    else known.push(formatEnd(door.local))
  }
  return [...places].map(([does, where]) => `${does} ${joined(where)}`).join(', ')
}

function doingText({ protocol, state }: SocketRecord): string {
  if (state === 'listen') return 'listens on'
  return state === 'bound-inactive' ? 'is bound to' : `receives ${protocol} on`
}

/** So that no command line, however long, pushes the rest off the screen before the question. */
const LONGEST_COMMAND = 300

function cut(command: string): string {
  const isLong = command.length > LONGEST_COMMAND
  return isLong ? `${command.slice(0, LONGEST_COMMAND - 1)}…` : command
}
