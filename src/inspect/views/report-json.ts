import { isLoopback } from '../../address.ts'
import { isInetEnd } from '../ends.ts'
import type { ProcessStory } from '../explain/process-story.ts'
import type {
  Client,
  Holder,
  PortReport,
  ProcessReport,
  Report,
  UnixReport,
} from '../explain/report-types.ts'
import type { SocketRecord } from '../types.ts'
import type { UserName } from '../users.ts'
import type { ReportWords } from './report.ts'

/** A report as JSON. What is not known is left out. */
export function reportJson(
  report: Report,
  { answer, next }: ReportWords,
  userName: UserName,
): Readonly<Record<string, unknown>> {
  return { kind: report.kind, answer, ...bodyJson(report, userName), next }
}

function bodyJson(report: Report, userName: UserName): Readonly<Record<string, unknown>> {
  switch (report.kind) {
    case 'port':
      return portJson(report, userName)
    case 'process':
      return processJson(report, userName)
    case 'unix':
      return unixJson(report, userName)
    case 'name':
      return {
        name: report.name,
        processes: report.processes.map(({ story, listeners }) => ({
          ...storyJson(story, userName),
          listens: listeners.map(listenJson),
        })),
      }
  }
}

function portJson(report: PortReport, userName: UserName): Readonly<Record<string, unknown>> {
  const { port, host, holders, trials, candidates } = report
  return {
    port,
    host,
    cause: holders[0]?.cause,
    holders: holders.map(one => holderJson(one, userName)),
    isShadowed: report.isShadowed,
    isReusePort: report.isReusePort,
    clients: report.clients.map(clientJson),
    unclosed: report.unclosed,
    lingering: report.lingering,
    binds: trials,
    unseen: report.unseen.length === 0 ? undefined : report.unseen,
    candidates:
      candidates.length === 0 ? undefined : candidates.map(({ pid, name }) => ({ pid, name })),
  }
}

function holderJson(
  { cause, records, ownership, story, sharers, waiting }: Holder,
  userName: UserName,
): Readonly<Record<string, unknown>> {
  const { kind } = ownership
  return {
    cause,
    ownership: kind,
    uid: kind === 'hidden' ? ownership.uid : undefined,
    user: kind === 'hidden' && ownership.uid !== undefined ? userName(ownership.uid) : undefined,
    unit: kind === 'hidden' ? ownership.unit : undefined,
    listens: records.filter(({ remote }) => remote === undefined).map(listenJson),
    process: story && storyJson(story, userName),
    sharedBy: sharers.length === 0 ? undefined : sharers,
    waiting: waiting?.count,
    givenUp: waiting?.givenUp,
    isStuck: waiting?.isStuck,
    backlog: waiting?.limit,
  }
}

function listenJson({ local }: SocketRecord): Readonly<Record<string, unknown>> {
  if (!isInetEnd(local)) return {}
  const openTo = isLoopback(local.host) ? 'localhost' : 'network'
  return { host: local.host, port: local.port, openTo }
}

function processJson(report: ProcessReport, userName: UserName): Readonly<Record<string, unknown>> {
  const { pid, story, unix } = report
  return {
    pid,
    process: story && storyJson(story, userName),
    openDescriptors: story?.facts.openDescriptors,
    descriptorLimit: story?.facts.descriptorLimit,
    clients: unix.peers.map(clientJson),
  }
}

function unixJson(report: UnixReport, userName: UserName): Readonly<Record<string, unknown>> {
  const { path, verdict, ownership, story, clients, waiting } = report
  return {
    path,
    verdict,
    ownership: ownership?.kind,
    process: story && storyJson(story, userName),
    clients: clients.map(clientJson),
    waiting: waiting?.count,
    backlog: waiting?.limit,
  }
}

function clientJson({ owner, host, connections }: Client): Readonly<Record<string, unknown>> {
  return { pid: owner?.pid, name: owner?.name, host, connections }
}

function storyJson(story: ProcessStory, userName: UserName): Readonly<Record<string, unknown>> {
  const { facts, branch, placement, container, orphan } = story
  const { pid, name, command, uid, startedAt, terminal, state, project } = facts
  const kept = placement?.container
  return {
    pid,
    name,
    command,
    folder: facts.workingFolder,
    isFolderDeleted: facts.workingFolder === undefined ? undefined : facts.isFolderDeleted,
    project: project && { ...project, branch },
    uid,
    user: uid === undefined ? undefined : userName(uid),
    startedAt,
    terminal,
    orphan,
    state,
    chain: facts.ancestors,
    unit: placement?.unit,
    container:
      kept === undefined && container === undefined
        ? undefined
        : {
            ...kept,
            id: container?.id ?? kept?.id,
            name: container?.name,
            image: container?.image,
          },
  }
}
