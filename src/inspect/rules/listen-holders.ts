import { inetAddress, isLoopback, isWildcard } from '../../address.ts'
import { formatNumber } from '../../units.ts'
import { isInetEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'
import { groupBy } from './groups.ts'
import { areStopped, holders, queueFacts } from './listen-queue.ts'
import type { Observation, Rule, Situation } from './types.ts'
import { counted, endText, holderText, pidsOf } from './words.ts'

/** Listeners of which every process is stopped. */
export const ownerStopped: Rule = {
  id: 'listen.owner-stopped',
  severity: 'problem',
  title: 'A port is open, and the process behind it is stopped',
  explanation:
    'The process was stopped by SIGSTOP, by Ctrl-Z or by a debugger. The kernel goes on making connections on its behalf, so that a port check says "open", and every request hangs.',
  check: situation =>
    situation.sockets.of('tcp', 'listen').flatMap(listener => {
      const processes = holders(listener, situation)
      if (!areStopped(processes)) return []
      const [one] = processes
      const ownership = situation.ownershipOf(listener)
      const isTraced = one?.state === 'traced'
      return [
        {
          summary: `${endText(listener.local)} is open, and ${holderText(ownership)} is stopped${waitingText(listener)}`,
          evidence: [
            isTraced ? 'process state t (a debugger)' : 'process state T (SIGSTOP or Ctrl-Z)',
            ...queueFacts(listener, situation),
          ],
          advice: [
            isTraced
              ? { text: 'Let the debugger continue it.' }
              : {
                  text: 'Let it go on, or type fg in its terminal:',
                  command: `kill -CONT ${processes.map(({ pid }) => pid).join(' ')}`,
                },
          ],
          sockets: [listener],
          pids: processes.map(({ pid }) => pid),
        },
      ]
    }),
}

/** Servers whose program was replaced or deleted while they run. */
export const deletedProgram: Rule = {
  id: 'listen.deleted-exe',
  severity: 'note',
  title: 'A server runs a program that has been deleted or replaced',
  explanation:
    'The file of the program was removed or replaced after the process had started, most often by an update. The old version serves on until the process is started again.',
  check: situation =>
    [
      ...groupBy(situation.sockets.of('tcp', 'listen'), one =>
        pidsOf(situation.ownershipOf(one)).join(' '),
      ).values(),
    ].flatMap(listeners => {
      const [first] = listeners as [SocketRecord]
      const processes = holders(first, situation)
      if (!processes.some(({ isProgramDeleted }) => isProgramDeleted === true)) return []
      const ownership = situation.ownershipOf(first)
      return [
        {
          summary: `${holderText(ownership)} serves ${listeners
            .slice(0, 3)
            .map(({ local }) => endText(local))
            .join(', ')} with a program that was deleted or replaced`,
          evidence: processes
            .filter(({ isProgramDeleted }) => isProgramDeleted === true)
            .map(({ pid }) => `/proc/${pid}/exe leads to a deleted file`),
          advice: [{ text: 'Restart the service, so that it runs what is installed.' }],
          sockets: listeners,
          pids: pidsOf(ownership),
        },
      ]
    }),
}

/** One listener that several processes hold, and connections that wait at it. */
export const sharedListener: Rule = {
  id: 'listen.shared',
  severity: 'warning',
  title: 'Connections wait at a listener that several programs hold',
  explanation:
    'A listener that was inherited (fork, a child with open descriptors) belongs to every process that holds it: connections go to whoever accepts, and the port stays taken until the last of them has closed it. A child that never accepts keeps the port of a server that has gone.',
  check: situation =>
    situation.sockets.of('tcp', 'listen').flatMap(listener => {
      const ownership = situation.ownershipOf(listener)
      if (ownership.kind !== 'held') return []
      const names = new Set(ownership.owners.map(({ name }) => name))
      const waiting = listener.receiveQueue ?? 0
      const before = situation.earlier?.sockets.find(listener)?.receiveQueue ?? 0
      if (names.size < 2 || waiting === 0 || before === 0) return []
      const pids = pidsOf(ownership)
      return [
        {
          summary: `${counted(waiting, 'connection')} ${waiting === 1 ? 'waits' : 'wait'} on ${endText(listener.local)}, which ${names.size} programs hold: ${holderText(ownership)}`,
          evidence: [...queueFacts(listener, situation), 'any of them may accept, and none does'],
          advice: [
            {
              text: 'End the one that should not have it; started anew, it must not inherit it (O_CLOEXEC; in Node: stdio without that descriptor).',
            },
            {
              text: 'See what they are:',
              command: `ps -o pid,ppid,stat,lstart,args -p ${pids.join(',')}`,
            },
          ],
          sockets: [listener],
          pids,
        },
      ]
    }),
}

/** Several sockets that listen at one address (SO_REUSEPORT), and do not go together. */
export const reuseportGroup: Rule = {
  id: 'listen.reuseport-group',
  severity: 'warning',
  title: 'Several servers share one port, and one of them differs',
  explanation:
    'With SO_REUSEPORT several sockets listen at one address, and the kernel splits the connections among them by a hash. One that is stuck, or an old copy that was forgotten, still gets its share: some requests hang, or get another answer.',
  check: situation =>
    [...groupBy(situation.sockets.of('tcp', 'listen'), reuseKey).values()]
      .filter(group => group.length > 1)
      .flatMap(group => uneven(group, situation)),
}

/** One port, and another server behind each address of localhost. */
export const localhostSplit: Rule = {
  id: 'listen.localhost-split',
  severity: 'warning',
  title: 'localhost leads to two different servers on the same port',
  explanation:
    'localhost means 127.0.0.1 and ::1. When one program listens on the one and another program on the other, it depends on the client which of them answers, and each sees half of the truth: some clients try IPv6 first, some IPv4.',
  check: situation =>
    [...groupBy(situation.sockets.of('tcp', 'listen'), portKey).values()].flatMap(group =>
      split(group, situation),
    ),
}

function uneven(group: readonly SocketRecord[], situation: Situation): Observation[] {
  const [first] = group as [SocketRecord]
  const members = group.map(record => ({ record, ownership: situation.ownershipOf(record) }))
  const names = new Set(
    members.flatMap(({ ownership }) =>
      ownership.kind === 'held' ? ownership.owners.map(({ name }) => name) : [],
    ),
  )
  const queues = group.map(({ receiveQueue }) => receiveQueue ?? 0)
  const [longest, shortest] = [Math.max(...queues), Math.min(...queues)]
  const isStuck = longest >= STUCK_QUEUE && longest > 10 * shortest
  const isMixed = names.size > 1
  const stopped = members.filter(({ record }) => areStopped(holders(record, situation)))
  // A stopped member has a finding of its own.
  if ((!isStuck && !isMixed) || stopped.length > 0) return []
  return [
    {
      summary: isMixed
        ? `${endText(first.local)} is shared by different programs: the kernel splits the connections among ${group.length} listeners`
        : `one of ${group.length} listeners on ${endText(first.local)} does not accept: ${formatNumber(longest)} wait there, ${formatNumber(shortest)} at another`,
      evidence: members
        .slice(0, 6)
        .map(
          ({ record, ownership }) =>
            `${holderText(ownership)}  ${formatNumber(record.receiveQueue ?? 0)} waiting`,
        ),
      advice: [
        {
          text: isMixed
            ? 'End the one that should not be there.'
            : 'Restart the one at which they wait; the others go on.',
        },
      ],
      sockets: group,
      pids: members.flatMap(({ ownership }) => pidsOf(ownership)),
    },
  ]
}

/** Fewer can be a burst. */
const STUCK_QUEUE = 10

function split(group: readonly SocketRecord[], situation: Situation): Observation[] {
  const v4 = group.find(one => servesLoopback(one, 'ipv4'))
  const v6 = group.find(one => servesLoopback(one, 'ipv6'))
  if (v4 === undefined || v6 === undefined || v4 === v6) return []
  const [four, six] = [v4, v6].map(one => situation.ownershipOf(one))
  if (four?.kind !== 'held' || six?.kind !== 'held') return []
  const [pids4, pids6] = [pidsOf(four), pidsOf(six)]
  // One program in several processes is one server.
  const names4 = new Set(four.owners.map(({ name }) => name))
  const isOneProgram = six.owners.some(({ name }) => names4.has(name))
  if (pids4.some(pid => pids6.includes(pid)) || (isOneProgram && isPrefork(pids4, pids6))) return []
  const port = isInetEnd(v4.local) ? v4.local.port : 0
  return [
    {
      summary: `localhost:${port} is two servers: ${holderText(four)} on ${endText(v4.local)}, ${holderText(six)} on ${endText(v6.local)}`,
      evidence: [`IPv4 clients get ${holderText(four)}`, `IPv6 clients get ${holderText(six)}`],
      advice: [
        { text: `Name the address that is meant: 127.0.0.1:${port} or [::1]:${port}.` },
        { text: 'End the one that was forgotten, or give it another port.' },
      ],
      sockets: [v4, v6],
      pids: [...pids4, ...pids6],
    },
  ]
}

/** Workers of one server are many; two copies of one program are one process each. */
function isPrefork(a: readonly number[], b: readonly number[]): boolean {
  return a.length > 1 || b.length > 1
}

/** Whether who connects to this loopback address comes to this listener first. */
function servesLoopback({ local }: SocketRecord, family: 'ipv4' | 'ipv6'): boolean {
  if (!isInetEnd(local)) return false
  const plain = inetAddress(local.host, 0)
  return plain.family === family && (isLoopback(plain.host) || isWildcard(plain.host))
}

function reuseKey(record: SocketRecord): string {
  return `${endText(record.local)} ${record.interfaceIndex ?? 0}`
}

function portKey({ local }: SocketRecord): string {
  return isInetEnd(local) ? String(local.port) : ''
}

function waitingText({ receiveQueue = 0 }: SocketRecord): string {
  if (receiveQueue === 0) return ''
  return `: ${counted(receiveQueue, 'connection')} ${receiveQueue === 1 ? 'waits' : 'wait'}`
}
