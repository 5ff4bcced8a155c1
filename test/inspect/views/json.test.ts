import { describe, expect, it } from 'vitest'
import { jsonView, ndjsonView, summaryJsonView } from '../../../src/inspect/views/json.ts'
import { DOCUMENT_FIELDS, EVENTS, SOCKET_FIELDS } from '../../../src/inspect/views/json-schema.ts'
import { countStates } from '../../../src/inspect/views/summary.ts'
import type { SocketList } from '../../../src/inspect/views/types.ts'
import { connection, record, socketList, unixSocket } from '../../support/records.ts'

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

function withWarning(one: SocketList): SocketList {
  const warnings = [{ code: 'source-limited', message: 'procfs knows no backlog' } as const]
  return { ...one, snapshot: { ...one.snapshot, warnings } }
}

describe('jsonView', () => {
  const text = [...jsonView(list)].join('')
  const document = JSON.parse(text)

  it('is one document with a line for each socket', () => {
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      {"schema":1,"takenAt":"2026-01-02T03:04:05.678Z","host":"box","source":"sock-diag","sockets":[
      {"protocol":"tcp","family":"ipv4","state":"listen","local":{"host":"127.0.0.1","port":8080},"acceptQueue":0,"acceptQueueLimit":511,"uid":0,"user":"root","inode":1000,"cookie":"2a","interfaceIndex":2,"ownership":"held","owners":[{"pid":4711,"fd":21,"name":"node"},{"pid":4712,"fd":21,"name":"node"}]},
      {"protocol":"tcp","family":"ipv4","state":"established","local":{"host":"127.0.0.1","port":8080},"remote":{"host":"127.0.0.1","port":40000},"receiveQueueBytes":0,"sendQueueBytes":0,"ownership":"unaccepted","listenerOwners":[{"pid":4711,"fd":21,"name":"node"},{"pid":4712,"fd":21,"name":"node"}]},
      {"protocol":"tcp","family":"ipv4","state":"established","local":{"host":"127.0.0.1","port":8080},"remote":{"host":"127.0.0.1","port":40001},"receiveQueueBytes":0,"sendQueueBytes":0,"timer":{"kind":"retransmit","expiresInMs":220,"retransmits":3},"uid":33,"user":"www-data","inode":7,"cookie":"2a","ownership":"hidden"},
      {"protocol":"unix","family":"unix","type":"stream","state":"established","peerInode":2001,"sendQueueBytes":0,"uid":0,"user":"root","inode":1000,"cookie":"2a","ownership":"held","owners":[{"pid":4711,"fd":21,"name":"node"},{"pid":4712,"fd":21,"name":"node"}]}
      ],"warnings":[{"code":"source-limited","message":"procfs knows no backlog"}]}
      "
    `)
  })

  it('has no other keys than those that are written down, and all of those', () => {
    const documented = DOCUMENT_FIELDS.map(({ key }) => key).filter(key => key !== 'counts')
    expect(Object.keys(document)).toEqual(documented)
    const keys = new Set(document.sockets.flatMap(Object.keys))
    expect([...keys].sort()).toEqual(SOCKET_FIELDS.map(({ key }) => key).sort())
  })

  it('is a document when there is nothing', () => {
    const nothing = [...jsonView({ ...list, records: [] })].join('')
    expect(JSON.parse(nothing)).toMatchObject({ schema: 1, sockets: [] })
  })

  it('brings hostile names through whole, and harmless to a terminal', () => {
    const name = 'a"))\n\x1b[2J\x9b2J‮\u{e0041}\ud800日'
    const hostile = [...jsonView(socketList([record()], { 1000: [{ ...node, name }] }))].join('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
    expect(hostile).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u{e0041}]/u)
    expect(JSON.parse(hostile).sockets[0].owners[0].name).toBe(name)
  })
})

describe('summaryJsonView', () => {
  it('has counts in place of sockets', () => {
    const text = [...summaryJsonView(list.snapshot, countStates(list.records))].join('')
    const document = JSON.parse(text)
    expect(Object.keys(document)).toEqual(
      DOCUMENT_FIELDS.map(({ key }) => key).filter(key => key !== 'sockets'),
    )
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
    const lines = [...ndjsonView(list)].join('').trimEnd().split('\n')
    const objects = lines.map(line => JSON.parse(line))
    expect(objects.map(({ event }) => event)).toEqual([
      'snapshot',
      ...list.records.map(() => 'socket'),
      'warning',
    ])
    expect(new Set(objects.map(({ event }) => event))).toEqual(
      new Set(EVENTS.map(({ key }) => key)),
    )
    expect(objects.every(({ time }) => time === '2026-01-02T03:04:05.678Z')).toBe(true)
    expect(objects[0]).toMatchObject({ schema: 1, host: 'box', source: 'sock-diag' })
    const [socket] = JSON.parse([...jsonView(list)].join('')).sockets
    expect(objects[1]).toEqual({ event: 'socket', time: objects[1].time, ...socket })
  })
})
