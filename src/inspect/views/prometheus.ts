import { terminalText } from '../../terminal-text.ts'
import { isInetEnd, portOf } from '../ends.ts'
import { ALL_STATES } from '../select/states.ts'
import type { Protocol, SocketRecord, SocketState, Wanted } from '../types.ts'
import { type GroupKind, placesOf } from './groups.ts'
import type { SocketList } from './types.ts'

interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  /** Values by their labels, as written. */
  readonly series: ReadonlyMap<string, number>
}

type Labels = readonly (readonly [name: string, value: string])[]

/** What a view for Prometheus shows beside the sockets. */
export interface PrometheusOptions {
  /** A label of the count of sockets beyond protocol, family and state. */
  readonly groupBy: GroupKind | undefined
  /** What was looked at: of which states none is said as 0. Undefined: 0 is not said. */
  readonly looked: Pick<Wanted, 'protocols' | 'families' | 'states'> | undefined
}

/**
 * Writes sockets as metrics in the text format of Prometheus, version 0.0.4, in pieces; always in one
 * order. Listeners that share an address (SO_REUSEPORT) are added up.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function* prometheusView(
  list: SocketList,
  { groupBy, looked }: PrometheusOptions,
): Generator<string> {
  const listeners = list.records.filter(({ state }) => state === 'listen')
  const drops = list.records.filter(({ drops }) => drops !== undefined)
  const metrics: readonly Metric[] = [
    {
      name: 'sockctl_sockets',
      help: 'How many sockets there are.',
      type: 'gauge',
      series: counts(list, groupBy, looked),
    },
    {
      name: 'sockctl_listener_accept_queue',
      help: 'Connections that wait to be accepted.',
      type: 'gauge',
      series: sums(listeners, placeLabels, ({ receiveQueue }) => receiveQueue),
    },
    {
      name: 'sockctl_listener_accept_queue_limit',
      help: 'How many connections may wait to be accepted.',
      type: 'gauge',
      series: sums(listeners, placeLabels, ({ sendQueue }) => sendQueue),
    },
    {
      name: 'sockctl_listener_drops_total',
      help: 'Connection attempts, or datagrams, that found no room since the socket was made.',
      type: 'counter',
      series: sums(drops.filter(isWaiting), placeLabels, record => record.drops),
    },
    {
      name: 'sockctl_warnings',
      help: 'What could not be seen, by code: see sockctl-json(7).',
      type: 'gauge',
      series: warningCounts(list),
    },
  ]
  for (const metric of metrics) yield* metricText(metric)
}

function* metricText({ name, help, type, series }: Metric): Generator<string> {
  if (series.size === 0) return
  yield `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  const lines = [...series].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [labels, value] of lines) yield `${name}{${labels}} ${value}\n`
}

function counts(
  list: SocketList,
  groupBy: GroupKind | undefined,
  looked: PrometheusOptions['looked'],
): Map<string, number> {
  const series = new Map<string, number>()
  if (groupBy === undefined && looked !== undefined) {
    for (const labels of expectedLabels(looked)) series.set(labelText(labels), 0)
  }
  for (const record of list.records) {
    const { protocol, family, state } = record
    const kind = kindLabels(protocol, family, state)
    // Two processes of one name that share a socket are one series: it counts once there.
    const groups = new Set(
      groupLabels(record, list, groupBy).map(one => labelText([...kind, ...one])),
    )
    for (const labels of groups) series.set(labels, (series.get(labels) ?? 0) + 1)
  }
  return series
}

/** What an alert can be on: it needs a 0 where there is none. */
function* expectedLabels({
  protocols,
  families,
  states,
}: NonNullable<PrometheusOptions['looked']>): Generator<Labels> {
  for (const protocol of protocols) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      if (!families.has(family)) continue
      for (const state of EXPECTED[protocol] ?? []) {
        if (states.has(state)) yield kindLabels(protocol, family, state)
      }
    }
  }
}

/** Sockets that are only bound few systems tell of. */
const STREAM_STATES = ALL_STATES.filter(
  state => state !== 'bound-inactive' && state !== 'unconnected',
)
const EXPECTED: Readonly<Partial<Record<Protocol, readonly SocketState[]>>> = {
  tcp: STREAM_STATES,
  mptcp: STREAM_STATES,
  udp: ['established', 'unconnected'],
  udplite: ['established', 'unconnected'],
}

function kindLabels(
  protocol: Protocol,
  family: SocketRecord['family'],
  state: SocketState,
): Labels {
  return [
    ['protocol', protocol],
    ['family', family],
    ['state', state],
  ]
}

/** Of a process the name alone: a pid would make a new series at every start. */
function groupLabels(
  record: SocketRecord,
  list: SocketList,
  kind: GroupKind | undefined,
): readonly Labels[] {
  if (kind === undefined || kind === 'state') return [[]]
  if (kind !== 'process') {
    const name = kind.replaceAll('-', '_')
    return placesOf(record, list, kind).map(({ value }): Labels => [[name, String(value ?? '')]])
  }
  const ownership = list.ownershipOf?.(record)
  if (ownership?.kind !== 'held') return [[['process', ownership ? `(${ownership.kind})` : '']]]
  return ownership.owners.map(({ name }): Labels => [['process', name]])
}

function placeLabels({ protocol, family, local, netns }: SocketRecord): Labels {
  const address =
    local.family === 'unix' ? local.path : isInetEnd(local) ? local.host : JSON.stringify(local)
  return [
    ['protocol', protocol],
    ['family', family],
    ['address', address],
    ['port', String(portOf(local) ?? '')],
    ...(netns === undefined ? [] : [['netns', netns.name ?? `${netns.inode}`] as const]),
  ]
}

function isWaiting({ state, remote }: SocketRecord): boolean {
  return state === 'listen' || (state === 'unconnected' && remote === undefined)
}

function sums(
  records: readonly SocketRecord[],
  labelsOf: (record: SocketRecord) => Labels,
  numberOf: (record: SocketRecord) => number | undefined,
): Map<string, number> {
  const series = new Map<string, number>()
  for (const record of records) {
    const value = numberOf(record)
    if (value === undefined) continue
    const labels = labelText(labelsOf(record))
    series.set(labels, (series.get(labels) ?? 0) + value)
  }
  return series
}

function warningCounts({ snapshot }: SocketList): Map<string, number> {
  const series = new Map<string, number>()
  for (const { code } of snapshot.warnings) {
    const labels = labelText([['code', code]])
    series.set(labels, (series.get(labels) ?? 0) + 1)
  }
  return series
}

function labelText(labels: Labels): string {
  return labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')
}

/** What a label cannot hold as it is: backslash, quote, line break; control characters are ours. */
function escapeLabel(text: string): string {
  return terminalText(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
