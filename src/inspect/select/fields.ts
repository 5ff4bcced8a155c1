import type { Operator } from './lexer.ts'

/** How the value of a field is read and compared. */
export type FieldKind =
  | 'host'
  | 'port'
  | 'state'
  | 'device'
  | 'mark'
  | 'cgroup'
  | 'autobound'
  | 'count'
  | 'size'
  | 'time'
  | 'text'

/** Every word that begins a test, with what may stand behind it. */
const FIELDS = {
  src: 'host',
  dst: 'host',
  sport: 'port',
  dport: 'port',
  port: 'port',
  dev: 'device',
  fwmark: 'mark',
  cgroup: 'cgroup',
  autobound: 'autobound',
  state: 'state',
  exclude: 'state',
  excl: 'state',
  pid: 'count',
  uid: 'count',
  inode: 'count',
  retrans: 'count',
  rxq: 'size',
  txq: 'size',
  rtt: 'time',
  process: 'text',
  proc: 'text',
  user: 'text',
  container: 'text',
  netns: 'text',
  unit: 'text',
} as const satisfies Readonly<Record<string, FieldKind>>

export type FieldName = keyof typeof FIELDS

/** The words that begin a test. */
export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[]

/** The field that a word names, whatever its case. */
export function fieldNamed(word: string): FieldName | undefined {
  const name = word.toLowerCase()
  return Object.hasOwn(FIELDS, name) ? (name as FieldName) : undefined
}

export function kindOf(field: FieldName): FieldKind {
  return FIELDS[field]
}

const EQUALITY: readonly Operator[] = ['=', '!=']
const ORDER: readonly Operator[] = ['=', '!=', '>=', '<=', '>', '<']

/** The operators that make sense between a field of this kind and its value. */
export const OPERATORS_OF: Readonly<Record<FieldKind, readonly Operator[]>> = {
  host: EQUALITY,
  port: ORDER,
  state: EQUALITY,
  device: EQUALITY,
  mark: EQUALITY,
  cgroup: EQUALITY,
  autobound: [],
  count: ORDER,
  size: ORDER,
  time: ORDER,
  text: ['=', '!=', '~'],
}

/** What to show somebody who forgot the value. */
export const EXAMPLES: Readonly<Record<FieldName, string>> = {
  src: 'src 127.0.0.1',
  dst: 'dst 10.0.0.0/8',
  sport: 'sport = :80',
  dport: 'dport = :443',
  port: 'port = 3000-3010',
  dev: 'dev = lo',
  fwmark: 'fwmark = 0x10/0xf0',
  cgroup: 'cgroup = /system.slice',
  autobound: 'autobound',
  state: 'state = close-wait',
  exclude: 'exclude time-wait',
  excl: 'excl time-wait',
  pid: 'pid = 1234',
  uid: 'uid = 1000',
  inode: 'inode = 4711',
  retrans: 'retrans gt 0',
  rxq: 'rxq gt 64KiB',
  txq: 'txq gt 0',
  rtt: 'rtt gt 10ms',
  process: 'process = nginx',
  proc: 'proc = nginx',
  user: 'user = root',
  container: 'container = web',
  netns: 'netns = blue',
  unit: 'unit = nginx.service',
}
