import { portOfService } from '../../../endpoint/service-names.ts'
import { usageError } from '../../../errors.ts'
import { looksLikePorts, type PortRange, parsePorts } from '../../../inspect/select/ports.ts'
import type { Selection } from '../../../inspect/select/selection.ts'
import {
  ALL_STATES,
  DEFAULT_STATES,
  isStateWord,
  WAITING_STATES,
} from '../../../inspect/select/states.ts'
import type { Protocol, SocketState, SourceName } from '../../../inspect/types.ts'
import {
  haveUnconnected,
  namesProtocols,
  type ProtocolFlags,
  readFamilies,
  readProtocols,
} from './protocols.ts'

/** The flags of `sockctl inspect`, as the parser hands them over. */
export interface InspectFlags extends ProtocolFlags {
  readonly all?: true
  readonly listening?: true
  readonly numeric?: true
  readonly processes?: true
  readonly options?: true
  readonly extended?: true
  readonly summary?: true
  /** False with `--no-header`. */
  readonly header: boolean
  readonly state?: readonly (readonly SocketState[])[]
  readonly port?: readonly (readonly PortRange[])[]
  readonly pid?: readonly number[]
  readonly process?: readonly string[]
  readonly source?: SourceName
  readonly proc?: string
  readonly json?: true
  readonly ndjson?: true
  readonly csv?: true
  readonly counters?: true
  /** The interval in milliseconds; true when none was given. */
  readonly watch?: number | true
  /** How many intervals to watch. */
  readonly count?: number
  readonly color: 'auto' | 'always' | 'never'
}

/** What somebody wants to know. */
export interface Question {
  readonly selection: Selection
  /** Nothing was asked for in particular: the listeners, for an overview. */
  readonly isOverview: boolean
  /** Sockets were named, so that finding none is an answer. */
  readonly namesSockets: boolean
  readonly wantsOwners: boolean
}

/**
 * Works out what flags and words ask for. Flags mean what they mean in ss(8).
 *
 * @throws ERR_USAGE for words that are no ports
 */
export function readQuestion(words: readonly string[], flags: InspectFlags): Question {
  const ports = [...words.flatMap(readWord), ...(flags.port ?? []).flat()]
  const pids = flags.pid ?? []
  const processes = flags.process ?? []
  const asksByName = ports.length > 0 || pids.length > 0 || processes.length > 0
  const namesSockets = asksByName || flags.state !== undefined
  const isOverview = !namesSockets && !hasSsFlag(flags)
  const hasMachineFormat = flags.json ?? flags.ndjson ?? flags.csv ?? false
  const protocols = readProtocols(flags, isOverview || ports.length > 0)
  return {
    selection: {
      protocols: new Set(protocols),
      families: new Set(readFamilies(flags)),
      states: new Set(readStates(flags, { protocols, isOverview, asksByName })),
      ports,
      pids,
      processes,
    },
    isOverview,
    namesSockets,
    wantsOwners: flags.summary
      ? pids.length + processes.length > 0
      : asksByName || isOverview || hasMachineFormat || !!flags.processes,
  }
}

function hasSsFlag(flags: InspectFlags): boolean {
  return (
    !flags.header ||
    namesProtocols(flags) ||
    [
      ...[flags.all, flags.listening],
      ...[flags.numeric, flags.processes, flags.options, flags.extended, flags.summary],
    ].includes(true)
  )
}

function readStates(
  flags: InspectFlags,
  {
    protocols,
    isOverview,
    asksByName,
  }: { protocols: readonly Protocol[]; isOverview: boolean; asksByName: boolean },
): readonly SocketState[] {
  if (flags.state !== undefined) return flags.state.flat()
  if (isOverview) return WAITING_STATES
  if (flags.all || flags.listening) return lastOf(flags) === 'all' ? ALL_STATES : WAITING_STATES
  if (asksByName || flags.summary) return ALL_STATES
  // ss adds up what is usual for each table, and unconnected is for unix datagrams and their like.
  return namesProtocols(flags) && haveUnconnected(protocols)
    ? [...DEFAULT_STATES, 'unconnected']
    : DEFAULT_STATES
}

/** Of -a and -l the last one counts, as in ss: options stand in the order in which they came. */
function lastOf(flags: InspectFlags): string | undefined {
  return Object.keys(flags).findLast(name => name === 'all' || name === 'listening')
}

function readWord(word: string): PortRange[] {
  if (looksLikePorts(word)) return parsePorts(word, portOfService)
  const example = filterFor(word)
  throw usageError(
    `"${word}" is not a port`,
    'Filters are --state, --port, --pid and --process.',
    ...(example === undefined ? [] : [`Perhaps: sockctl inspect ${example}`]),
  )
}

/** The option that somebody probably means by a word. */
function filterFor(word: string): string | undefined {
  if (isStateWord(word)) return `--state ${word}`
  const port = /:(\d+)$/.exec(word)?.[1]
  if (port !== undefined) return `--port ${port}`
  return SS_WORDS.test(word) ? undefined : `--process ${word}`
}

/** How an expression in the filter language of ss(8) begins. */
const SS_WORDS = /^(?:state|exclude|excl|[sd]port|src|dst|dev|fwmark|cgroup|not|!|\(.*)$/
