import { ownershipIn } from '../../src/inspect/explain/ownership.ts'
import type { Unlisted } from '../../src/inspect/owners/unlisted.ts'
import { diagnose } from '../../src/inspect/rules/index.ts'
import { indexSockets } from '../../src/inspect/rules/socket-index.ts'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../src/inspect/rules/thresholds.ts'
import type { ProcessHealth, Situation } from '../../src/inspect/rules/types.ts'
import type { TcpInfo } from '../../src/inspect/socket-details.ts'
import type { Owner, SocketRecord } from '../../src/inspect/types.ts'
import { snapshot } from './records.ts'

/** What a machine looks like, as far as it matters to a rule; all the rest is at rest. */
export interface Scene {
  readonly records?: readonly SocketRecord[]
  /** By inode. */
  readonly owners?: Readonly<Record<number, readonly Owner[]>>
  readonly processes?: readonly (Partial<ProcessHealth> & { readonly pid: number })[]
  /** Paths that lead nowhere, for every process. */
  readonly missingPaths?: readonly string[]
  /** Whether processes see the same files. */
  readonly sharesFiles?: boolean
  readonly unlisted?: readonly Unlisted[]
  /** Those that are not told have never grown; levels among them are 0. */
  readonly counters?: Readonly<Record<string, number>>
  readonly settings?: Readonly<Record<string, string>>
  readonly thresholds?: Partial<Thresholds>
}

const TAKEN_AT = new Date('2026-01-02T03:04:05.678Z')

/** A machine, and the same a second earlier, where that is told. */
export function situation(now: Scene, earlier?: Scene): Situation {
  const before = earlier && scene(earlier, new Date(TAKEN_AT.getTime() - 1000))
  return { ...scene(now, TAKEN_AT), earlier: before }
}

/** The ids of what is found, with their severities. */
export function idsOf(now: Scene, earlier?: Scene): string[] {
  return diagnose(situation(now, earlier)).findings.map(({ severity, id }) => `${severity} ${id}`)
}

function scene(parts: Scene, takenAt: Date): Situation {
  const { records = [], owners = {}, counters = {}, settings = {} } = parts
  const taken = { ...snapshot(records, owners), takenAt, warnings: [] }
  return {
    snapshot: taken,
    sockets: indexSockets(records),
    ownershipOf: ownershipIn(taken, 0),
    processes: {
      process: pid => healthOf(pid, parts),
      hasPath: (_, path) => !parts.missingPaths?.includes(path),
      shareFiles: () => parts.sharesFiles ?? true,
    },
    unlisted: parts.unlisted ?? [],
    system: {
      counter: name => counters[name] ?? 0,
      settingText: path => settings[path],
      setting: path => settings[path]?.split(' ').map(Number),
    },
    thresholds: { ...DEFAULT_THRESHOLDS, ...parts.thresholds },
  }
}

function healthOf(pid: number, { processes = [] }: Scene): ProcessHealth {
  const given = processes.find(one => one.pid === pid)
  return {
    name: 'server',
    state: 'sleeping',
    descriptors: 10,
    descriptorLimit: 1024,
    isProgramDeleted: false,
    ...given,
    pid,
  }
}

/** Some numbers of a connection; the others are not known. */
export function tcp(info: Partial<TcpInfo>): Pick<SocketRecord, 'tcp'> {
  return {
    tcp: {
      info: info as TcpInfo,
      congestion: undefined,
      congestionState: undefined,
      upperProtocol: undefined,
    },
  }
}

/** So many of something, each with its number from 0 on. */
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

export const NODE: Owner = { pid: 4711, fd: 21, name: 'node' }
export const NGINX: Owner = { pid: 800, fd: 6, name: 'nginx' }
