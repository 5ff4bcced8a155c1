import type { Owner, SocketRecord } from '../types.ts'
import type { Comparison, NumberTest, TextTest } from './expression.ts'
import type { Missing, MissingField } from './missing.ts'
import type { Decide, SelectionContext, Verdict } from './predicate.ts'

/** The kernel cuts the name of a process to this many bytes (TASK_COMM_LEN less its NUL). */
const LONGEST_NAME = 15

/** Makes a test of a number that belongs to a socket or to its holders. */
export function numberTest(test: NumberTest, context: SelectionContext): Decide {
  const holds = compare(test.comparison, test.values)
  if (test.field === 'pid') return ofHolders(context, ({ pid }) => holds(pid))
  const { field } = test
  const read = NUMBERS[field]
  const missing: Missing = { field }
  return record => {
    const value = read(record)
    if (value === 'none') return false
    return value === undefined ? missing : holds(value)
  }
}

/** What belongs to a socket; `none` where there is no such thing, undefined where it is not told. */
const NUMBERS: Readonly<
  Record<Exclude<NumberTest['field'], 'pid'>, (record: SocketRecord) => number | 'none' | undefined>
> = {
  uid,
  inode: ({ inode }) => inode,
  rxq: ({ receiveQueue }) => receiveQueue,
  txq: ({ sendQueue }) => sendQueue,
  rtt: record => (hasTraffic(record) ? record.tcp?.info?.rttUs : 'none'),
  retrans: record => (hasTraffic(record) ? record.tcp?.info?.totalRetrans : 'none'),
}

/** The kernel keeps no owner of sockets that no file stands for. */
function uid({ uid: owner, inode }: SocketRecord): number | 'none' | undefined {
  return owner === undefined && inode === 0 ? 'none' : owner
}

/** Only TCP has round trips, and not before there is a connection nor after it. */
function hasTraffic({ protocol, state }: SocketRecord): boolean {
  return (protocol === 'tcp' || protocol === 'mptcp') && !WITHOUT_TRAFFIC.has(state)
}

const WITHOUT_TRAFFIC: ReadonlySet<SocketRecord['state']> = new Set([
  'listen',
  'syn-recv',
  'time-wait',
  'unconnected',
  'bound-inactive',
])

/** Makes a test of a name that belongs to a socket or to its holders. */
export function textTest(test: TextTest, context: SelectionContext): Decide {
  const holds = matcher(test)
  switch (test.field) {
    case 'process': {
      const isName = test.isPart ? holds : matcher({ ...test, values: test.values.map(shortName) })
      return ofHolders(context, ({ name }) => isName(name))
    }
    case 'user': {
      const missing: Missing = { field: 'user' }
      return record => {
        const owner = uid(record)
        if (owner === 'none') return false
        if (owner === undefined) return missing
        return holds(`${owner}`) || holds(context.userName(owner))
      }
    }
    case 'netns':
      return ofNetns(holds)
    case 'unit': {
      const { unitOf } = context
      return lookedUp('unit', unitOf, holds)
    }
    case 'container': {
      const { containerOf } = context
      const isShortId = (id: string): boolean =>
        test.values.some(value => value.length >= 4 && id.startsWith(value))
      return lookedUp(
        'container',
        containerOf,
        ({ id, name }) => holds(name) || holds(id) || isShortId(id),
      )
    }
  }
}

function ofNetns(holds: Matcher): Decide {
  const missing: Missing = { field: 'netns' }
  return ({ netns }) => {
    if (netns === undefined) return missing
    return holds(netns.name) || holds(`${netns.inode}`)
  }
}

function lookedUp<T>(
  field: MissingField,
  lookUp: ((record: SocketRecord) => T | 'hidden' | undefined) | undefined,
  holds: (found: T) => boolean,
): Decide {
  const missing: Missing = { field }
  if (lookUp === undefined) return () => missing
  return record => {
    const found = lookUp(record)
    if (found === 'hidden') return 'hidden'
    return found !== undefined && holds(found)
  }
}

function ofHolders({ holdersOf }: SelectionContext, holds: (owner: Owner) => boolean): Decide {
  return (record): Verdict => {
    const holders = holdersOf(record)
    return holders === 'hidden' ? 'hidden' : holders.some(holds)
  }
}

type Matcher = (text: string | undefined) => boolean

/** A part may be in either case; the whole has to be the same. */
function matcher({ isPart, values }: Pick<TextTest, 'isPart' | 'values'>): Matcher {
  if (!isPart) return text => text !== undefined && values.includes(text)
  const parts = values.map(value => value.toLowerCase())
  return text => text !== undefined && parts.some(part => text.toLowerCase().includes(part))
}

/** A name as the kernel keeps it: long ones lose their end. */
function shortName(name: string): string {
  const bytes = Buffer.from(name)
  return bytes.length <= LONGEST_NAME ? name : bytes.toString('utf8', 0, LONGEST_NAME)
}

function compare(comparison: Comparison, values: readonly number[]): (value: number) => boolean {
  const [bound = Number.NaN] = values
  switch (comparison) {
    case '=':
      return value => values.includes(value)
    case '>=':
      return value => value >= bound
    case '<=':
      return value => value <= bound
    case '>':
      return value => value > bound
    case '<':
      return value => value < bound
  }
}
