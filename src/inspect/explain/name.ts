import { basename } from 'node:path'
import { closestWord } from '../../terminal-text.ts'
import type { DescriptorTables } from '../owners/descriptor-tables.ts'
import { readName } from '../owners/descriptors.ts'
import { loadTables } from '../owners/load-tables.ts'
import { readCommandWords } from '../owners/process/facts.ts'
import { socketsOfProcess, type TableOwner } from '../owners/process-sockets.ts'
import { listProcesses } from '../owners/running-processes.ts'
import { takeSnapshot } from '../snapshot.ts'
import type { ReportRequest } from './port.ts'
import { tellStory } from './process-story.ts'
import type { NamedProcess, NameReport } from './report-types.ts'

/**
 * Finds the processes of a program that hold sockets, with the ports on which they listen. This
 * process is none of them.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED when the processes cannot be listed
 */
export async function explainName(name: string, request: ReportRequest): Promise<NameReport> {
  const { procRoot, source, netns, now } = request
  const tables = await loadTables(procRoot)
  const names = new Set<string>()
  const found: { pid: number; inodes: ReadonlyMap<number, number> | undefined }[] = []
  for (const { pid, folder } of listProcesses(procRoot, new Set())) {
    if (pid === process.pid) continue
    const called = namesOf(pid, folder, procRoot)
    for (const one of called) names.add(one)
    if (called.includes(name)) found.push({ pid, inodes: socketsOf({ pid, folder }, tables) })
  }
  const withSockets = found.filter(({ inodes }) => inodes === undefined || inodes.size > 0)
  const all = new Set(withSockets.flatMap(({ inodes }) => [...(inodes?.keys() ?? [])]))
  const snapshot = await takeSnapshot({
    wanted: {
      protocols: new Set(['tcp', 'udp']),
      families: new Set(['ipv4', 'ipv6']),
      states: new Set(['listen', 'unconnected']),
    },
    owners: ({ inode }) => all.has(inode),
    now,
    procRoot,
    ...(source !== undefined && { source }),
    ...(netns !== undefined && { netns }),
  })
  const processes: NamedProcess[] = []
  for (const { pid, inodes } of withSockets) {
    const story = await tellStory(pid, request)
    if (story === undefined) continue
    const listeners = snapshot.records.filter(one => inodes?.has(one.inode))
    processes.push({ pid, story, sockets: inodes?.size, listeners })
  }
  return {
    kind: 'name',
    name,
    snapshot,
    records: snapshot.records.filter(({ inode }) => all.has(inode)),
    processes,
    isRunning: found.length > 0,
    nearest: found.length > 0 ? undefined : closestWord(name, [...names]),
  }
}

/** The name that a process has, cut to 15 bytes by the kernel, and that of its program. */
function namesOf(pid: number, folder: string, procRoot: string): string[] {
  const [file = ''] = readCommandWords(pid, procRoot)
  const program = basename(file)
  try {
    return [readName(folder), ...(program === '' ? [] : [program])]
  } catch {
    return []
  }
}

/** Undefined where this user may not look. */
function socketsOf(
  process: TableOwner,
  tables: DescriptorTables,
): ReadonlyMap<number, number> | undefined {
  try {
    return socketsOfProcess(process, tables)
  } catch {
    return undefined
  }
}
