import { describe, expect, it } from 'vitest'
import type { OwnershipOf } from '../../../src/inspect/explain/ownership.ts'
import { peersIn } from '../../../src/inspect/explain/peers.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { machineColumns } from '../../../src/inspect/views/column-choice.ts'
import {
  checksJsonView,
  groupsJsonView,
  groupsNdjsonView,
  jsonView,
  ndjsonView,
  savedJsonView,
  summaryJsonView,
} from '../../../src/inspect/views/json.ts'
import {
  CHECK_FIELDS,
  DOCUMENT_FIELDS,
  EVENTS,
  SOCKET_FIELDS,
} from '../../../src/inspect/views/json-schema.ts'
import { countStates } from '../../../src/inspect/views/summary.ts'
import type { SocketList } from '../../../src/inspect/views/types.ts'
import { checkResults } from '../../support/check-results.ts'
import { ALL_DETAILS, detailed, NAMES, TCP, TCP_INFO } from '../../support/detailed-record.ts'
import { connection, record, socketList, unixSocket } from '../../support/records.ts'

const columns = machineColumns('json', { details: new Set(), peers: false })

const node = { pid: 4711, fd: 21, name: 'node' }

const list = withWarning(
  socketList(
    [
      record({ interfaceIndex: 2 }),
      connection('127.0.0.1:8080', '127.0.0.1:40000', {
        inode: 0,
        uid: undefined,
        cookie: undefined,
      }),
      connection('127.0.0.1:8080', '127.0.0.1:40001', {
        inode: 7,
        uid: 33,
        timer: { kind: 'retransmit', expiresInMs: 220, retransmits: 3 },
      }),
      unixSocket('', { inode: 1000, receiveQueue: undefined }),
    ],
    { 1000: [node, { ...node, pid: 4712 }] },
  ),
)

/** The keys of a document, which holds one of the three. */
function documentKeys(
  kind: 'sockets' | 'counts' | 'groups' | 'checks',
  { isSaved = false } = {},
): string[] {
  const kinds = ['sockets', 'findings', 'counts', 'groups', 'checks']
  const others = ['report', 'overview', 'unanswered', ...kinds.filter(key => key !== kind)]
  if (!isSaved) others.push('bootId', 'selection')
  return DOCUMENT_FIELDS.map(({ key }) => key).filter(key => !others.includes(key))
}

/** Events that only --diagnose has. */
const OF_FINDINGS: readonly string[] = ['finding', 'unanswered']

/** The other end of `detailed()`. */
function peer(): SocketRecord {
  return connection('127.0.0.1:40000', '127.0.0.1:8080', { inode: 1000 })
}

function withWarning(one: SocketList): SocketList {
  const warnings = [{ code: 'source-limited', message: 'procfs knows no backlog' } as const]
  return { ...one, snapshot: { ...one.snapshot, warnings } }
}

describe('jsonView', () => {
  const text = [...jsonView(list, columns)].join('')
  const document = JSON.parse(text)

  it('is one document with a line for each socket', () => {
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      {"schema":1,"takenAt":"2026-01-02T03:04:05.678Z","host":"box","source":"sock-diag","sockets":[
      {"protocol":"tcp","family":"ipv4","state":"listen","local":{"host":"127.0.0.1","port":8080},"ownership":"held","owners":[{"pid":4711,"fd":21,"name":"node"},{"pid":4712,"fd":21,"name":"node"}],"uid":0,"user":"root","inode":1000,"cookie":"2a","interfaceIndex":2,"acceptQueue":0,"acceptQueueLimit":511},
      {"protocol":"tcp","family":"ipv4","state":"established","local":{"host":"127.0.0.1","port":8080},"remote":{"host":"127.0.0.1","port":40000},"ownership":"unaccepted","listenerOwners":[{"pid":4711,"fd":21,"name":"node"},{"pid":4712,"fd":21,"name":"node"}],"receiveQueueBytes":0,"sendQueueBytes":0},
      {"protocol":"tcp","family":"ipv4","state":"established","local":{"host":"127.0.0.1","port":8080},"remote":{"host":"127.0.0.1","port":40001},"ownership":"hidden","timer":{"kind":"retransmit","expiresInMs":220,"retransmits":3},"uid":33,"user":"www-data","inode":7,"cookie":"2a","receiveQueueBytes":0,"sendQueueBytes":0},
      {"protocol":"unix","family":"unix","type":"stream","state":"established","peerInode":2001,"ownership":"held","owners":[{"pid":4711,"fd":21,"name":"node"},{"pid":4712,"fd":21,"name":"node"}],"uid":0,"user":"root","inode":1000,"cookie":"2a","sendQueueBytes":0}
      ],"warnings":[{"code":"source-limited","message":"procfs knows no backlog"}]}
      "
    `)
  })

  it('has no other keys than those that are written down, and all of those', () => {
    expect(Object.keys(document)).toEqual(documentKeys('sockets'))
    const text = [...jsonView(list, [], { report: 1, overview: 2 })].join('')
    expect(text.match(/"report":/g)).toHaveLength(1)
    const beside = JSON.parse(text)
    expect(Object.keys(beside).sort()).toEqual(
      [...documentKeys('sockets'), 'report', 'overview'].sort(),
    )
    const over = record({ state: 'time-wait', inode: 0 })
    const everything = { ...list, ...NAMES, records: [...list.records, detailed(), peer(), over] }
    const watched = { ...everything, ownershipOf: leftIn(everything) }
    const withPeers = { ...watched, peerOf: peersIn(everything) }
    const all = machineColumns('json', { details: ALL_DETAILS, peers: true })
    const { sockets } = JSON.parse([...jsonView(withPeers, all)].join(''))
    const keys = new Set(sockets.flatMap(Object.keys))
    expect([...keys].sort()).toEqual(SOCKET_FIELDS.map(({ key }) => key).sort())
  })

  it('has values of the types that are written down', () => {
    const everything = { ...list, ...NAMES, records: [...list.records, detailed(), peer()] }
    const all = machineColumns('json', { details: ALL_DETAILS, peers: false })
    const { sockets } = JSON.parse([...jsonView(everything, all)].join(''))
    const types = new Map(SOCKET_FIELDS.map(({ key, type }) => [key, type]))
    for (const [key, value] of sockets.flatMap(Object.entries)) {
      expect([key, Array.isArray(value) ? 'array' : typeof value]).toEqual([key, types.get(key)])
    }
  })

  it('tells no deviation of a round trip that was not measured', () => {
    const info = { ...TCP_INFO, rttUs: 0, rttVarUs: 250_000 }
    const unanswered = detailed({ state: 'syn-sent', tcp: { ...TCP, info } })
    const all = machineColumns('json', { details: ALL_DETAILS, peers: false })
    const keysOf = (one: SocketRecord) =>
      Object.keys(JSON.parse([...jsonView(socketList([one]), all)].join('')).sockets[0])
    expect(keysOf(detailed())).toEqual(expect.arrayContaining(['rttUs', 'rttVarUs']))
    expect(keysOf(unanswered).filter(key => key.startsWith('rtt'))).toEqual([])
  })

  it('leaves out what was not asked for', () => {
    const few = machineColumns('json', { details: new Set(['memory']), peers: false })
    const keys = few.map(({ key }) => key)
    expect(keys).toContain('receiveMemoryBytes')
    expect(keys).not.toContain('rttUs')
    expect(keys).not.toContain('peerOwners')
  })

  it('is a document when there is nothing', () => {
    const nothing = [...jsonView({ ...list, records: [] }, columns)].join('')
    expect(JSON.parse(nothing)).toMatchObject({ schema: 1, sockets: [] })
  })

  it('brings hostile names through whole, and harmless to a terminal', () => {
    const name = 'a"))\n\x1b[2J\x9b2J‮\u{e0041}\ud800日'
    const hostile = [
      ...jsonView(socketList([record()], { 1000: [{ ...node, name }] }), columns),
    ].join('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
    expect(hostile).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u{e0041}]/u)
    expect(JSON.parse(hostile).sockets[0].owners[0].name).toBe(name)
  })
})

const GROUP = { by: 'state', group: 'listen', count: 1, states: { listen: 1 } } as const

describe('groupsJsonView', () => {
  it('has groups in place of sockets', () => {
    const document = JSON.parse([...groupsJsonView(list.snapshot, [GROUP])].join(''))
    expect(Object.keys(document)).toEqual(documentKeys('groups'))
    expect(document.groups).toEqual([GROUP])
  })
})

describe('checksJsonView', () => {
  it('has results in place of sockets, and no keys that are not written down', () => {
    const text = [...checksJsonView(list.snapshot, checkResults())].join('')
    const document = JSON.parse(text)
    expect(Object.keys(document)).toEqual(documentKeys('checks'))
    const keys = new Set(document.checks.flatMap(Object.keys))
    expect([...keys]).toEqual(CHECK_FIELDS.map(({ key }) => key))
    expect(document.checks).toEqual(checkResults())
  })
})

describe('savedJsonView', () => {
  it('says beside the sockets what it takes to compare', () => {
    const selection = { protocols: ['tcp'], families: ['ipv4'], states: ['listen'] }
    const columns = machineColumns('json', { details: new Set(), peers: false })
    const text = [...savedJsonView(list, columns, { bootId: 'b', selection })].join('')
    const document = JSON.parse(text)
    expect(Object.keys(document)).toEqual(documentKeys('sockets', { isSaved: true }))
    expect(document).toMatchObject({ bootId: 'b', selection })
  })
})

describe('summaryJsonView', () => {
  it('has counts in place of sockets', () => {
    const text = [...summaryJsonView(list.snapshot, countStates(list.records))].join('')
    const document = JSON.parse(text)
    expect(Object.keys(document)).toEqual(documentKeys('counts'))
    expect(document.counts[0]).toEqual({
      protocol: 'tcp',
      family: 'ipv4',
      state: 'listen',
      count: 1,
    })
  })
})

describe('ndjsonView', () => {
  it('is one object per line, each with an event that is written down and a time', () => {
    const lines = [...ndjsonView(list, columns)].join('').trimEnd().split('\n')
    const objects = lines.map(line => JSON.parse(line))
    expect(objects.map(({ event }) => event)).toEqual([
      'snapshot',
      ...list.records.map(() => 'socket'),
      'warning',
    ])
    const [group] = [...groupsNdjsonView(list.snapshot, [GROUP])]
      .slice(1)
      .map(one => JSON.parse(one))
    expect(new Set([...objects, group].map(({ event }) => event))).toEqual(
      new Set(EVENTS.map(({ key }) => key).filter(key => !OF_FINDINGS.includes(key))),
    )
    expect(objects.every(({ time }) => time === '2026-01-02T03:04:05.678Z')).toBe(true)
    expect(objects[0]).toMatchObject({ schema: 1, host: 'box', source: 'sock-diag' })
    const [socket] = JSON.parse([...jsonView(list, columns)].join('')).sockets
    expect(objects[1]).toEqual({ event: 'socket', time: objects[1].time, ...socket })
  })
})

/** As while watching: what an orphan leaves behind has a name. */
function leftIn({ ownershipOf }: SocketList): OwnershipOf {
  return record => {
    const ownership = ownershipOf?.(record) ?? { kind: 'unseen' }
    const leftBy = [{ pid: 4711, fd: 21, name: 'node' }]
    return ownership.kind === 'orphan' || ownership.kind === 'kernel'
      ? { ...ownership, leftBy }
      : ownership
  }
}
