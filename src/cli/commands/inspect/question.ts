import { portOfService } from '../../../endpoint/service-names.ts'
import { possibleFamilies, possibleStates } from '../../../inspect/select/narrow.ts'
import { needsOf } from '../../../inspect/select/needs.ts'
import type { ParsedFilter } from '../../../inspect/select/parser.ts'
import { type PortRange, parsePorts } from '../../../inspect/select/ports.ts'
import { conditionOf, type Selection } from '../../../inspect/select/selection.ts'
import { ALL_STATES, DEFAULT_STATES, WAITING_STATES } from '../../../inspect/select/states.ts'
import type { Protocol, SocketState, SourceName } from '../../../inspect/types.ts'
import type { ActFlags } from './act-options.ts'
import type { AppearanceFlags } from './appearance.ts'
import { type CheckFlags, keepsMoment, needsWholeView } from './check-options.ts'
import type { DiagnoseFlags } from './diagnose-options.ts'
import { isInWordsOfSs } from './filter.ts'
import {
  haveUnconnected,
  namesProtocols,
  type ProtocolFlags,
  readFamilies,
  readProtocols,
} from './protocols.ts'

/** The flags of `sockctl inspect`, as the parser hands them over. */
export interface InspectFlags
  extends ProtocolFlags,
    AppearanceFlags,
    ActFlags,
    CheckFlags,
    DiagnoseFlags {
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
  readonly filterFile?: string
  readonly source?: SourceName
  readonly proc?: string
  readonly netns?: string
  readonly container?: string
  /** False with `--no-bind`. */
  readonly bind: boolean
  readonly json?: true
  readonly ndjson?: true
  readonly csv?: true
  readonly counters?: true
  /** The interval in milliseconds; true when none was given. */
  readonly watch?: number | true
  /** How many intervals to watch. */
  readonly count?: number
  /** Of a watch: not the sockets that are there when it begins. */
  readonly changesOnly?: true
  /** Which processes do not close their sockets, in place of a list. */
  readonly leaks?: true
  /** How much of the ports for outgoing connections is used, in place of a list. */
  readonly ephemeral?: true
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
 * @param words ports: other words are in the filter
 * @throws ERR_USAGE for words that are no ports
 */
export function readQuestion(
  words: readonly string[],
  flags: InspectFlags,
  filter?: ParsedFilter,
): Question {
  const wordPorts = words.flatMap(word => parsePorts(word, portOfService))
  const ports = [...wordPorts, ...(flags.port ?? []).flat()]
  const pids = flags.pid ?? []
  const processes = flags.process ?? []
  const hasSsFlags = hasSsFlag(flags)
  const isLikeSs = hasSsFlags && isInWordsOfSs(filter?.expression)
  const asksByName =
    ports.length > 0 ||
    pids.length > 0 ||
    processes.length > 0 ||
    (filter !== undefined && !isLikeSs)
  const namesSockets = asksByName || flags.state !== undefined || filter !== undefined
  const isOverview = !namesSockets && !hasSsFlags
  const hasMachineFormat = flags.json ?? flags.ndjson ?? flags.csv ?? needsWholeView(flags)
  const condition = conditionOf({ ports, pids, processes, filter: filter?.expression })
  const needs = needsOf(condition)
  const family = filter?.family
  const protocols = readProtocols(flags, {
    onlyInternet: isOverview || ports.length > 0 || !!flags.prom,
    family,
  })
  const families = family === undefined ? readFamilies(flags) : [family]
  const states = readStates(flags, { protocols, isOverview, asksByName, filter })
  return {
    selection: {
      protocols: new Set(protocols),
      families: intersection(families, possibleFamilies(condition)),
      states: intersection(states, possibleStates(condition)),
      details: needs.details,
      ports,
      pids,
      processes,
      filter: filter?.expression,
    },
    isOverview,
    namesSockets,
    wantsOwners:
      flags.summary || flags.groupBy || flags.prom
        ? needs.owners
        : asksByName || isOverview || hasMachineFormat || !!flags.processes || needs.owners,
  }
}

function intersection<T>(some: readonly T[], others: ReadonlySet<T>): ReadonlySet<T> {
  return new Set(some.filter(one => others.has(one)))
}

function hasSsFlag(flags: InspectFlags): boolean {
  return (
    !flags.header ||
    namesProtocols(flags) ||
    [
      ...[flags.all, flags.listening],
      ...[flags.numeric, flags.processes, flags.options, flags.extended, flags.summary],
      ...[
        flags.info,
        flags.memory,
        flags.oneline,
        flags.peer,
        flags.groupBy !== undefined,
        flags.prom,
      ],
    ].includes(true)
  )
}

/** States in the filter discard what -a and -l say, as in ss. */
function readStates(
  flags: InspectFlags,
  {
    protocols,
    isOverview,
    asksByName,
    filter,
  }: {
    readonly protocols: readonly Protocol[]
    readonly isOverview: boolean
    readonly asksByName: boolean
    readonly filter: ParsedFilter | undefined
  },
): readonly SocketState[] {
  if (flags.state !== undefined) return flags.state.flat()
  if (filter?.namesStates) return ALL_STATES
  if (keepsMoment(flags) && !flags.all && !flags.listening) return ALL_STATES
  if (needsWholeView(flags) && !flags.all) return WAITING_STATES
  if (isOverview) return WAITING_STATES
  if (flags.all || flags.listening) return lastOf(flags) === 'all' ? ALL_STATES : WAITING_STATES
  if (asksByName || flags.summary || flags.groupBy || flags.prom) return ALL_STATES
  // ss adds up what is usual for each table: what cannot be connected stands in that state only.
  const isNamed = namesProtocols(flags) || filter?.family !== undefined
  const shown = protocols.filter(one => filter?.family === undefined || one === filter.family)
  return isNamed && haveUnconnected(shown) ? [...DEFAULT_STATES, 'unconnected'] : DEFAULT_STATES
}

/** Of -a and -l the last one counts, as in ss: options stand in the order in which they came. */
function lastOf(flags: InspectFlags): string | undefined {
  return Object.keys(flags).findLast(name => name === 'all' || name === 'listening')
}
