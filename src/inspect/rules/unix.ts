import { formatNumber } from '../../units.ts'
import type { SocketRecord } from '../types.ts'
import { groupBy } from './groups.ts'
import { areStopped, holders } from './listen-queue.ts'
import type { Rule, Situation } from './types.ts'
import { counted, endText, holderText, pidsOf } from './words.ts'

/** Unix listeners that do not accept. */
export const unixBacklogFull: Rule = {
  id: 'unix.backlog-full',
  severity: 'warning',
  title: 'The accept queue of a unix socket is full',
  explanation:
    'The process does not accept, and whoever connects has to wait in connect(), or gets EAGAIN if it does not want to wait.',
  check: situation =>
    situation.sockets.of('unix', 'listen').flatMap(listener => {
      const { receiveQueue: waiting, sendQueue: limit } = listener
      if (waiting === undefined || limit === undefined || waiting <= limit) return []
      const ownership = situation.ownershipOf(listener)
      const processes = holders(listener, situation)
      const [one] = processes
      return [
        {
          severity: areStopped(processes) ? 'problem' : 'warning',
          summary: `${holderText(ownership)} does not accept on ${endText(listener.local)}: ${counted(waiting, 'connection')} ${waiting === 1 ? 'waits' : 'wait'}, and others have to queue up behind`,
          evidence: [
            `${formatNumber(waiting)} in the queue, for ${formatNumber(limit)} (full at one more)`,
            ...(areStopped(processes) ? [`process state ${one?.state}: it is stopped`] : []),
          ],
          advice: areStopped(processes)
            ? [
                {
                  text: 'Let it go on:',
                  command: `kill -CONT ${processes.map(({ pid }) => pid).join(' ')}`,
                },
              ]
            : [
                {
                  text: 'Find out why it does not accept.',
                  ...(one !== undefined && { command: `sockctl inspect --pid ${one.pid}` }),
                },
              ],
          sockets: [listener],
          pids: pidsOf(ownership),
        },
      ]
    }),
}

/** Servers whose socket file leads to them no more. */
export const unixStalePath: Rule = {
  id: 'unix.stale-path',
  severity: 'note',
  title: 'A server listens on a socket file that is gone or belongs to another',
  explanation:
    'The file of a unix socket was deleted or replaced while the server went on: clients get ENOENT, or reach another process. The old server lives, and nobody can find it.',
  check: situation =>
    [
      ...groupBy(
        situation.sockets.of('unix', 'listen').filter(hasFile),
        ({ local, unix }) => `${unix?.type} ${endText(local)}`,
      ).values(),
    ].flatMap(group => [...replaced(group, situation), ...missing(group, situation)]),
}

function hasFile({ local }: SocketRecord): boolean {
  return local.family === 'unix' && local.path !== '' && !local.path.startsWith('@')
}

/** Of several listeners with one path only the last one can be reached. */
function replaced(group: readonly SocketRecord[], situation: Situation): Found[] {
  if (group.length < 2 || group.some(({ cookie }) => cookie === undefined)) return []
  const sorted = [...group].sort((a, b) => ((a.cookie ?? 0n) < (b.cookie ?? 0n) ? -1 : 1))
  const newest = sorted.at(-1) as SocketRecord
  return sorted
    .slice(0, -1)
    .filter(old => sharesRoot(old, newest, situation))
    .map(old =>
      found(
        old,
        situation,
        `another listener has taken its place: ${holderText(situation.ownershipOf(newest))}`,
      ),
    )
}

function missing(group: readonly SocketRecord[], situation: Situation): Found[] {
  return group.flatMap(listener => {
    const [pid] = pidsOf(situation.ownershipOf(listener))
    const path = endText(listener.local)
    if (pid === undefined || situation.processes.hasPath(pid, path) !== false) return []
    return [found(listener, situation, 'there is no file at that path any more')]
  })
}

type Found = ReturnType<Rule['check']>[number]

function found(listener: SocketRecord, situation: Situation, why: string): Found {
  const ownership = situation.ownershipOf(listener)
  const [pid] = pidsOf(ownership)
  return {
    summary: `${holderText(ownership)} listens on ${endText(listener.local)}, where no client can reach it`,
    evidence: [why],
    advice: [
      {
        text: 'Restart it, or end it if it was forgotten.',
        ...(pid !== undefined && { command: `sockctl inspect --pid ${pid}` }),
      },
    ],
    sockets: [listener],
    pids: pidsOf(ownership),
  }
}

/** Two containers may have the same path, each its own: only where both see it, one is replaced. */
function sharesRoot(a: SocketRecord, b: SocketRecord, situation: Situation): boolean {
  const [roots] = [a, b].map(one => pidsOf(situation.ownershipOf(one))[0])
  const other = pidsOf(situation.ownershipOf(b))[0]
  return roots !== undefined && other !== undefined && situation.processes.shareFiles(roots, other)
}
