import { formatHost, inetAddress, isLoopback, isWildcard } from '../../address.ts'
import { terminalText } from '../../terminal-text.ts'
import { formatDuration } from '../../units.ts'
import { isInetEnd } from '../ends.ts'
import type { Ownership } from '../explain/ownership.ts'
import type { ProcessStory } from '../explain/process-story.ts'
import type { Client, Waiting } from '../explain/report-types.ts'
import { nameText } from '../name-text.ts'
import { shortId } from '../owners/container/short-id.ts'
import type { Owner, SocketRecord } from '../types.ts'
import type { UserName } from '../users.ts'
import type { ReportPlace } from './next-place.ts'
import type { Fact } from './report.ts'

/** Who reads a report, and when. */
export interface Reader {
  readonly uid: number | undefined
  readonly userName: UserName
  /** The home of the reader, which is written `~`. */
  readonly home: string | undefined
  readonly now: Date
  /** The same question as root. */
  readonly rootCommand: string
  /** Where was looked. */
  readonly place: ReportPlace
}

/** Names a process: `node (pid 4711)`. Names that could be taken for something else are quoted. */
export function ownerWords({ name, pid }: Pick<Owner, 'name' | 'pid'>): string {
  return `${nameText(name)} (pid ${pid})`
}

/** Names several: the first ones, and how many more. */
export function ownersWords(owners: readonly Pick<Owner, 'name' | 'pid'>[], most = 3): string {
  const named = owners.slice(0, most).map(ownerWords)
  return owners.length > most
    ? `${named.join(', ')} and ${owners.length - most} more`
    : joined(named)
}

/** Names who holds something, or says why nobody can be named. */
export function holderWords(
  ownership: Ownership,
  story: ProcessStory | undefined,
  reader: Reader,
): string {
  if (ownership.kind === 'held') {
    const [first] = ownership.owners
    const whose = story === undefined ? '' : whoseWords(story, reader)
    return `${first === undefined ? 'a process' : ownerWords(first)}${whose}`
  }
  if (ownership.kind === 'hidden') {
    return `a process of ${userWords(ownership.uid, reader)}, whose pid is hidden from you`
  }
  return 'a socket of the kernel, or of a process that cannot be seen from here'
}

/** Names a user: `user postgres`, `uid 4711`. */
export function userWords(uid: number | undefined, { userName }: Pick<Reader, 'userName'>): string {
  if (uid === undefined) return 'another user'
  const name = userName(uid)
  return name === undefined ? `uid ${uid}` : `user ${terminalText(name)}`
}

function whoseWords({ facts }: ProcessStory, reader: Reader): string {
  const { project, uid } = facts
  const isOwn = uid === undefined || uid === reader.uid
  if (project === undefined) return isOwn ? '' : ` of ${userWords(uid, reader)}`
  const name = terminalText(project.name)
  return isOwn ? ` of your project "${name}"` : ` of ${userWords(uid, reader)}, project "${name}"`
}

/** How long a process has been there: `, up 2 d 4 h`. Empty where it is not known. */
export function upWords(story: ProcessStory | undefined, { now }: Pick<Reader, 'now'>): string {
  const started = story?.facts.startedAt
  return started === undefined ? '' : `, up ${ageWords(started, now)}`
}

/** A time that has passed, without more than whole seconds: `41 s`, `2 d 4 h`. */
export function ageWords(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1000))
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000)
}

/** A time to come, rounded up: `41 s`. */
export function remainingWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000)
}

/** What is known of a process, a line each. */
export function storyFacts(story: ProcessStory, reader: Reader): Fact[] {
  const { facts, branch, placement, container } = story
  const { command, project, workingFolder, isFolderDeleted, executable } = facts
  const folder = project?.folder ?? workingFolder
  const git = branch === undefined ? '' : ` (git: ${terminalText(branch)})`
  const id = placement?.container
  const chain = [...facts.ancestors].reverse().map(({ name, pid }) => `${nameText(name)}(${pid})`)
  const unit = serviceOf(story)
  return [
    ...(command === undefined ? [] : [{ label: 'command', text: terminalText(command) }]),
    ...(executable?.isDeleted
      ? [
          {
            label: 'program',
            text: `${pathWords(executable.path, reader)} was deleted or replaced since: an older one runs`,
            isWarning: true,
          },
        ]
      : []),
    ...(folder === undefined
      ? []
      : [
          {
            label: project === undefined ? 'folder' : 'project',
            text: `${pathWords(folder, reader)}${git}${oldCopyWords(facts)}`,
            ...(isFolderDeleted && { isWarning: true }),
          },
        ]),
    ...startedFacts(story, reader),
    ...(chain.length === 0
      ? []
      : [
          {
            label: 'chain',
            text: [...chain, `${nameText(facts.name)}(${facts.pid})`].join(' > '),
          },
        ]),
    ...(unit === undefined ? [] : [{ label: 'service', text: terminalText(unit) }]),
    ...(container !== undefined
      ? [
          {
            label: 'container',
            text: `${terminalText(container.name)}${container.image === undefined ? '' : ` (${terminalText(container.image)})`}`,
          },
        ]
      : id === undefined
        ? []
        : [{ label: 'container', text: `${terminalText(shortId(id.id))} (${id.kind})` }]),
    ...stateFacts(story),
  ]
}

/** What runs in a folder that is no longer there: a later deployment stands elsewhere, or nowhere. */
function oldCopyWords({ isFolderDeleted, project, workingFolder }: ProcessStory['facts']): string {
  if (!isFolderDeleted) return ''
  const what =
    project === undefined || project.folder === workingFolder ? '' : ', its working folder'
  return `${what} was deleted or replaced since: an old copy runs`
}

function startedFacts({ facts, orphan }: ProcessStory, { now }: Reader): Fact[] {
  const { startedAt, terminal } = facts
  if (startedAt === undefined) return []
  const where =
    orphan === 'terminal-gone'
      ? ', terminal gone -> orphan'
      : orphan === 'parent-gone'
        ? ', what started it has ended -> orphan'
        : terminal === undefined
          ? ''
          : `, in terminal ${terminal}`
  const text = `${clockWords(startedAt, now)} (${ageWords(startedAt, now)} ago)${where}`
  return [{ label: 'started', text, ...(orphan !== undefined && { isWarning: true }) }]
}

function stateFacts({ facts }: ProcessStory): Fact[] {
  const text = {
    stopped: 'stopped (Ctrl-Z or SIGSTOP): it does nothing until it is resumed',
    traced: 'stopped by a debugger',
    zombie: 'a zombie: its first thread has ended',
    'waiting for a device': 'waits for a device, and cannot be interrupted',
  }[facts.state as string]
  return text === undefined ? [] : [{ label: 'state', text, isWarning: true }]
}

/** The service of systemd that keeps a process; undefined for sessions of people, and containers. */
export function serviceOf({ placement }: ProcessStory): string | undefined {
  const unit = placement?.unit
  if (unit === undefined || placement?.container !== undefined) return undefined
  return unit.endsWith('.service') && !/^user@\d+\.service$/.test(unit) ? unit : undefined
}

/** A path with `~` for the home of the reader. */
export function pathWords(path: string, { home }: Pick<Reader, 'home'>): string {
  const isBelow = home !== undefined && home.length > 1 && `${path}/`.startsWith(`${home}/`)
  return terminalText(isBelow ? `~${path.slice(home.length)}` : path)
}

/** A moment of this day, of this week, or of a date, in the local time of the reader. */
function clockWords(at: Date, now: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (at.toDateString() === now.toDateString()) return time
  const days = (now.getTime() - at.getTime()) / 86_400_000
  if (days < 6) return `${DAYS[at.getDay()]} ${time}`
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Where sockets wait, each with who can reach it by the address. */
export function listensWords(records: readonly SocketRecord[]): string {
  return records.map(listenWords).join('; ')
}

function listenWords(record: SocketRecord): string {
  const { local, ip } = record
  if (!isInetEnd(local)) return ''
  const both = isWildcard(local.host) && local.host.includes(':') && ip?.isV6only === false
  const where = `${formatHost(terminalText(local.host))}:${local.port}${both ? ' (IPv6 and IPv4)' : ''}`
  return `${where}, ${reachWords(local.host)}`
}

/** Who can reach an address, by the address alone. */
function reachWords(host: string): string {
  if (isLoopback(host)) return 'only from this machine'
  if (isWildcard(host)) return 'reachable from your network'
  return `reachable at ${inetAddress(host, 0).host} from your network`
}

/** Counts clients by who they are: `3: chrome (pid 942) x2, 10.0.0.7`. */
export function clientsWords(clients: readonly Client[]): string {
  const total = clients.reduce((sum, one) => sum + one.connections, 0)
  const named = clients.slice(0, MOST_CLIENTS).map(({ owner, host, connections }) => {
    const who = owner === undefined ? terminalText(host ?? 'somebody') : ownerWords(owner)
    return connections === 1 ? who : `${who} x${connections}`
  })
  const more = clients.length - named.length
  return `${total}: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const MOST_CLIENTS = 6

/** How many wait to be accepted: `37 waiting to be accepted, of at most 511`. */
export function waitingWords({ count, givenUp, limit }: Waiting): string {
  const most = limit === undefined ? '' : `, of at most ${limit}`
  const gone = givenUp === 0 ? '' : `; ${givenUp} of them given up by the client`
  return `${count} waiting to be accepted${most}${gone}`
}

/** `a`, `a and b`, `a, b and c`. */
export function joined(words: readonly string[]): string {
  const [last = '', ...others] = [...words].reverse()
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`
}
