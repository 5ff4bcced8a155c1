import type { OwnershipOf } from '../explain/ownership.ts'
import type { ProcessState } from '../owners/process/stat.ts'
import type { Unlisted } from '../owners/unlisted.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import type { SocketIndex } from './socket-index.ts'
import type { Thresholds } from './thresholds.ts'

/*
 * A rule looks at the sockets of a machine for one thing that goes wrong, and says what it found.
 * What it says names who has to change something, with the numbers that show it, and is silent on a
 * machine at rest: what is only worth knowing is no finding. Rules are registered in `index.ts`.
 */

/** How bad it is: worth a look; something suffers; something does not work. */
export type Severity = 'note' | 'warning' | 'problem'

/** Every severity, the worst first. */
export const SEVERITIES: readonly Severity[] = ['problem', 'warning', 'note']

export interface Rule {
  /** What it is called for ever, in words with dots between the parts: `listen.queue-full`. */
  readonly id: string
  /** How bad it is, where an observation does not say otherwise. */
  readonly severity: Severity
  /** One line for the list of findings. No full stop. */
  readonly title: string
  /** What it means and why it happens, in two to four sentences, for the finding and the manual. */
  readonly explanation: string
  /** Gives an observation for each process, target or listener that is concerned. */
  check(situation: Situation): readonly Observation[]
}

/** What a rule saw. */
export interface Observation {
  /** Undefined: that of the rule. */
  readonly severity?: Severity
  /** One sentence that names processes, addresses and counts. */
  readonly summary: string
  /** The facts behind it, a line each. */
  readonly evidence: readonly string[]
  /** What helps best comes first; a kernel setting comes last. */
  readonly advice: readonly Advice[]
  /** What it is about. Undefined: the machine as a whole. */
  readonly sockets?: readonly SocketRecord[]
  /** Who has to act, or is concerned. */
  readonly pids?: readonly number[]
}

export interface Advice {
  /** What to do, as a sentence. */
  readonly text: string
  /** What to type for it, safe to paste. */
  readonly command?: string
}

/** An observation with what its rule says of all of them. */
export interface Finding extends Observation {
  readonly id: string
  readonly severity: Severity
  readonly explanation: string
  readonly sockets: readonly SocketRecord[]
  readonly pids: readonly number[]
}

/** What all rules came to. */
export interface Answers {
  /** The worst first. */
  readonly findings: readonly Finding[]
  /** Those that could not tell all that they are for. */
  readonly blind: readonly BlindRule[]
}

/** A rule that asked for holders which are hidden from this user. */
export interface BlindRule {
  readonly rule: Rule
  /** The sockets that it did not speak of, and whose holders it would have had to know. */
  readonly sockets: readonly SocketRecord[]
}

/** Everything a rule may look at: the machine at one moment, and somewhat earlier. */
export interface Situation {
  readonly snapshot: Snapshot
  readonly sockets: SocketIndex
  readonly ownershipOf: OwnershipOf
  readonly processes: KnownProcesses
  /** Processes that hold more than a few sockets which no table lists. */
  readonly unlisted: readonly Unlisted[]
  readonly system: SystemNumbers
  /** The same machine before. Undefined: there was one look only, and what grows cannot be told. */
  readonly earlier?: Situation | undefined
  readonly thresholds: Thresholds
}

/** What is to be known of processes. */
export interface KnownProcesses {
  /** Undefined: it has ended, or this user may not look into it. */
  process(pid: number): ProcessHealth | undefined
  /** Whether a path leads to something where the process sees it. Undefined: it cannot be told. */
  hasPath(pid: number, path: string): boolean | undefined
  /** Whether two processes see the same files under the same paths. */
  shareFiles(pid: number, other: number): boolean
}

export interface ProcessHealth {
  readonly pid: number
  /** Chosen by the process itself. */
  readonly name: string
  /** Undefined: one that this program does not know. */
  readonly state: ProcessState | undefined
  /** How many descriptors are open. Undefined: this user may not look. */
  readonly descriptors: number | undefined
  /** How many it may open (RLIMIT_NOFILE, the soft limit). Undefined: unlimited, or not readable. */
  readonly descriptorLimit: number | undefined
  /** Its program file has been deleted or replaced. Undefined: this user may not look. */
  readonly isProgramDeleted: boolean | undefined
}

/** Numbers of the whole machine, or of this network namespace. */
export interface SystemNumbers {
  /** A setting by its path below /proc/sys, its words as numbers: `net/ipv4/tcp_mem`. */
  setting(path: string): readonly number[] | undefined
  /** A setting as it stands there. */
  settingText(path: string): string | undefined
  /** A counter, or a level, by its name in `inspect --counters`: `TcpExtListenOverflows`. */
  counter(name: string): number | undefined
}
