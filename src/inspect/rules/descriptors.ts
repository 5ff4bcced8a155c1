import { formatNumber } from '../../units.ts'
import { groupByHolder } from './groups.ts'
import type { Rule, Situation } from './types.ts'
import { counted, percentText, processesText, tally } from './words.ts'

/** Processes that soon cannot open anything. */
export const descriptorLimit: Rule = {
  id: 'proc.fd-limit',
  severity: 'problem',
  title: 'A process runs out of file descriptors',
  explanation:
    'At the limit (RLIMIT_NOFILE) accept(), connect() and open() fail with EMFILE. A server then stops accepting, often without a word: connections stay in its queue. A higher limit only delays it where sockets leak.',
  check: situation => {
    const tight = socketPids(situation).flatMap(pid => {
      const one = usageOf(pid, situation)
      return one === undefined || one.percent < situation.thresholds.descriptors ? [] : [one]
    })
    if (tight.length === 0) return []
    const held = groupByHolder(
      situation.snapshot.records.filter(({ inode }) => inode !== 0),
      situation,
    )
    return tight.map(({ pid, name, open, most, percent }) => {
      const records = held.filter(({ pids }) => pids.includes(pid)).flatMap(one => one.records)
      const kinds = tally(records.map(({ protocol, state }) => `${protocol} ${state}`))
      return {
        severity: percent >= situation.thresholds['descriptors-full'] ? 'problem' : 'warning',
        summary: `${processesText([{ pid, name, fd: undefined }])} has ${formatNumber(open)} of ${formatNumber(most)} file descriptors open (${percentText(open, most)})`,
        evidence: [`${counted(records.length, 'socket')} among them: ${kinds}`],
        advice: [
          { text: 'Look for a leak first:', command: `sockctl inspect -a --pid ${pid}` },
          {
            text: 'If it needs that many: a higher limit (in a unit of systemd: LimitNOFILE=). It can be raised while the process runs:',
            command: `sudo prlimit --pid ${pid} --nofile=${Math.max(65_536, most * 2)}`,
          },
        ],
        sockets: records,
        pids: [pid],
      }
    })
  },
}

/** The machine as a whole cannot open more files. */
export const fileMax: Rule = {
  id: 'sys.file-max',
  severity: 'problem',
  title: 'The machine runs out of open files',
  explanation:
    'All processes together share a limit (fs.file-max). At it every open, accept and socket call fails with ENFILE, except for root.',
  check({ system, thresholds }) {
    const [open, , most] = system.setting('fs/file-nr') ?? []
    if (open === undefined || most === undefined || most === 0) return []
    if ((open / most) * 100 < thresholds['files-full']) return []
    return [
      {
        summary: `${formatNumber(open)} of ${formatNumber(most)} files of the machine are open (${percentText(open, most)})`,
        evidence: ['fs.file-nr counts them, sockets among them'],
        advice: [
          { text: 'Find who holds so many, and why.', command: 'sockctl inspect -s' },
          { text: 'Last, raise the limit:', command: `sudo sysctl fs.file-max=${most * 2}` },
        ],
      },
    ]
  },
}

/** Sockets that were made and never used. */
export const unlistedSockets: Rule = {
  id: 'sock.unresolved-fds',
  severity: 'note',
  title: 'A process holds sockets that are neither bound nor connected',
  explanation:
    'These descriptors are sockets that no table of the kernel lists: they were made and not used, or their connect failed and nobody closed them. In numbers they are a leak after errors, which no list of sockets shows.',
  check: ({ unlisted, thresholds }) =>
    unlisted
      .filter(({ inodes }) => inodes.length >= thresholds.unlisted)
      .map(({ pid, name, inodes }) => ({
        summary: `${processesText([{ pid, name, fd: undefined }])} holds ${counted(inodes.length, 'socket')} that ${inodes.length === 1 ? 'is' : 'are'} neither bound nor connected`,
        evidence: ['they are among its descriptors, and in no table of sockets'],
        advice: [
          {
            text: 'Look for a connect that fails and is not closed.',
            command: `sudo strace -f -e trace=socket,connect,close -p ${pid}`,
          },
        ],
        pids: [pid],
      })),
}

/** Everybody who holds a socket. */
function socketPids({ snapshot }: Situation): readonly number[] {
  const pids = new Set<number>()
  for (const owners of snapshot.owners?.values() ?? []) for (const { pid } of owners) pids.add(pid)
  return [...pids]
}

/** How many of its descriptors a process uses. */
function usageOf(pid: number, { processes }: Situation) {
  const { name = '?', descriptors: open, descriptorLimit: most } = processes.process(pid) ?? {}
  if (open === undefined || most === undefined || most === 0) return undefined
  return { pid, name, open, most, percent: (open / most) * 100 }
}
