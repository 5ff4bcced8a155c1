import type { PlannedHolder } from '../../../../inspect/act/free-plan.ts'
import type { Supervisor } from '../../../../inspect/act/supervisor.ts'
import type { UserName } from '../../../../inspect/users.ts'
import { EXIT_CODES } from '../../../exit-code.ts'

/** What became of one thing that was to be freed: a value of the JSON. */
export interface FreeResult {
  readonly action: 'free'
  readonly ports?: readonly number[]
  readonly path?: string
  readonly outcome: FreeOutcome
  readonly reason?: string
  readonly instead?: string
  readonly freeInMs?: number
  readonly processes?: readonly ProcessResult[]
  readonly startedAgain?: readonly NewHolder[]
}

export type FreeOutcome =
  | 'freed'
  | 'removed'
  | 'would-free'
  | 'would-remove'
  | 'unconfirmed' // nobody could be asked, and --yes was not given
  | 'declined'
  | 'refused'
  | 'denied'
  | 'still-held'
  | 'unproven' // nobody holds it, as far as can be seen, and no bind can show it
  | 'started-again'
  | 'alive' // a unix socket on which somebody answers
  | 'in-use' // only connections use the port
  | 'time-wait'
  | 'nothing'

/** A process that was to be stopped. */
export interface ProcessResult {
  readonly pid: number
  readonly name: string
  readonly uid?: number
  readonly user?: string
  readonly command?: string
  readonly cwd?: string
  readonly project?: string
  readonly startedAt?: string
  readonly supervisor?: string
  /** The command that stops it for good. */
  readonly stop?: string
  readonly refused?: string
  readonly signal?: string
  readonly endedAfterMs?: number
}

/** A process that holds a port anew. */
export interface NewHolder {
  readonly pid: number
  readonly name: string
  readonly supervisor?: string
  readonly stop?: string
}

const OK: ReadonlySet<FreeOutcome> = new Set(['freed', 'removed', 'would-free', 'would-remove'])

/**
 * The exit code of all results together: 0 only when every one is what was asked for. Asked what it
 * would do, it has done so by telling, be it a refusal; but not when it may not look.
 */
export function exitCodeOfResults(results: readonly FreeResult[], isDryRun: boolean): number {
  const isDone = ({ outcome }: FreeResult): boolean =>
    OK.has(outcome) || (isDryRun && outcome === 'refused')
  const rest = results.filter(one => !isDone(one))
  if (rest.length === 0) return EXIT_CODES.ok.code
  return rest.some(({ outcome }) => outcome === 'denied' || outcome === 'unproven')
    ? EXIT_CODES.denied.code
    : EXIT_CODES.no.code
}

/** What is known of a process that holds a port, as a value of the JSON. */
export function processResult(
  { pid, name, facts, supervisor, refusal }: PlannedHolder,
  userName: UserName,
): ProcessResult {
  const { uid, command, workingFolder, project, startedAt } = facts
  const user = uid === undefined ? undefined : userName(uid)
  return {
    pid,
    name,
    ...(uid !== undefined && { uid }),
    ...(user !== undefined && { user }),
    ...(command !== undefined && { command }),
    ...(workingFolder !== undefined && { cwd: workingFolder }),
    ...(project !== undefined && { project: project.name }),
    ...(startedAt !== undefined && { startedAt: startedAt.toISOString() }),
    ...supervisorResult(supervisor),
    ...(refusal !== undefined && { refused: refusal.reason }),
  }
}

/** Who starts a process again, and how to stop it. */
export function supervisorResult(
  supervisor: Supervisor | undefined,
): Pick<NewHolder, 'supervisor' | 'stop'> {
  return supervisor === undefined ? {} : { supervisor: supervisor.name, stop: supervisor.stop }
}
