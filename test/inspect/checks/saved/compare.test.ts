import { describe, expect, it } from 'vitest'
import {
  compareMoments,
  ensureSameSelection,
} from '../../../../src/inspect/checks/saved/compare.ts'
import { readSaved } from '../../../../src/inspect/checks/saved/read.ts'
import type { SavedDocument } from '../../../../src/inspect/checks/saved/types.ts'
import type { Owner, SocketRecord } from '../../../../src/inspect/types.ts'
import { machineColumns } from '../../../../src/inspect/views/column-choice.ts'
import { savedJsonView } from '../../../../src/inspect/views/json.ts'
import { failureOf } from '../../../support/failure.ts'
import { address, connection, record, socketList } from '../../../support/records.ts'

type Owners = Readonly<Record<number, readonly Owner[]>>

const java = { pid: 21, fd: 5, name: 'java' }
const OWNERS: Owners = { 1: [java], 2: [{ ...java, name: 'nginx' }] }

/** What --save makes of these sockets. */
function saved(
  records: readonly SocketRecord[],
  owners: Owners = OWNERS,
  bootId: string | undefined = 'boot',
): SavedDocument {
  const columns = machineColumns('json', { details: new Set(), peers: false })
  const list = socketList(records, owners, 0)
  const text = [...savedJsonView(list, columns, { bootId, selection: undefined })].join('')
  return readSaved(text, { name: 'saved' })
}

function compare(before: SavedDocument, now: SavedDocument) {
  return compareMoments(before, now).map(({ name, ok, unseen, message }) => [
    name.slice(5),
    unseen ?? ok,
    message,
  ])
}

const at = (text: string, parts: Partial<SocketRecord> = {}): SocketRecord =>
  record({ local: address(text), inode: 1, ...parts })

/** Connections of java to one peer, from these ports. */
const toPeer = (ports: readonly number[], parts: Partial<SocketRecord> = {}): SocketRecord[] =>
  ports.map(port =>
    connection(`10.0.0.1:${port}`, '10.0.3.7:9200', { inode: 1, cookie: BigInt(port), ...parts }),
  )

const same = [
  'nothing-new',
  true,
  'nothing is new since 2026-01-02T03:04:05.678Z: 1 listener among 1 socket',
]

describe('compareMoments', () => {
  it('finds nothing new in the same sockets', () => {
    expect(compare(saved([at('127.0.0.1:80')]), saved([at('127.0.0.1:80')]))).toEqual([same])
  })

  it('tells listeners that came from those that went', () => {
    expect(compare(saved([at('127.0.0.1:80')]), saved([at('0.0.0.0:80')]))).toEqual([
      ['new-listener', false, 'new listener: tcp 0.0.0.0:80, held by java pid=21'],
      ['gone-listener', true, 'gone listener: tcp 127.0.0.1:80, was held by java pid=21'],
    ])
    const [first] = compare(
      saved([at('0.0.0.0:80'), at('127.0.0.1:80')]),
      saved([at('127.0.0.1:80')]),
    )
    expect(first).toEqual(same)
  })

  it('takes UDP that waits for a listener, and a UDP client for none', () => {
    const server = at('0.0.0.0:53', { protocol: 'udp', state: 'unconnected' })
    const client = connection('10.0.0.1:5000', '10.0.0.2:53', { protocol: 'udp', inode: 1 })
    const names = compareMoments(saved([]), saved([server, client])).map(one => one.message)
    expect(names).toEqual(['new listener: udp 0.0.0.0:53, held by java pid=21'])
  })

  it.each<[string, Partial<SocketRecord>, Owners, boolean | string | undefined]>([
    ['the same', {}, OWNERS, undefined],
    ['another pid of the same program', { cookie: 9n }, { 1: [{ ...java, pid: 99 }] }, undefined],
    ['another program', { cookie: 9n }, { 1: [{ ...java, name: 'nc' }] }, false],
    ['one more program', {}, { 1: [java, { ...java, pid: 9, name: 'sh' }] }, false],
    ['another user', { uid: 33 }, OWNERS, false],
    ['the same socket, hidden', {}, {}, undefined],
    ['another socket, hidden', { cookie: 9n }, {}, 'denied'],
    ['another socket of another user, hidden', { cookie: 9n, uid: 33 }, {}, false],
  ])('judges who holds a listener: %s', (_, parts, owners, expected) => {
    const [first] = compare(saved([at('127.0.0.1:80')]), saved([at('127.0.0.1:80', parts)], owners))
    expect(first?.[0] === 'nothing-new' ? undefined : first?.[1]).toBe(expected)
    if (expected !== undefined) expect(first?.[0]).toBe('changed-owner')
  })

  it('trusts no cookie of another boot', () => {
    const now = saved([at('127.0.0.1:80')], {}, 'another boot')
    expect(compare(saved([at('127.0.0.1:80')]), now)[0]?.[1]).toBe('denied')
  })

  it('finds what has another owner by name, not by pid', () => {
    const now = saved([at('127.0.0.1:80', { uid: 33 })], { 1: [{ ...java, pid: 9, name: 'nc' }] })
    expect(compareMoments(saved([at('127.0.0.1:80')]), now)).toEqual([
      {
        name: 'diff.changed-owner',
        subject: 'tcp 127.0.0.1:80',
        ok: false,
        severity: 'problem',
        message: 'tcp 127.0.0.1:80 has changed hands: held by java pid=21 before, by nc pid=9 now',
        details: ['before: made by user root', 'made by user www-data'],
      },
    ])
  })

  it('finds connections that leak, and names those that are new', () => {
    const unclosed = { state: 'close-wait' } as const
    const before = saved(toPeer([1001, 1002], unclosed))
    const [leak, ...others] = compareMoments(
      before,
      saved([...toPeer([1002], unclosed), ...toPeer([2001, 2002], unclosed)]),
    )
    expect(others).toEqual([])
    expect(leak).toEqual({
      name: 'diff.leaked-connection',
      subject: 'java to 10.0.3.7:9200',
      ok: false,
      severity: 'problem',
      message: '1 more connection of java to 10.0.3.7:9200 in close-wait: 2 before, 3 now',
      details: [
        '10.0.0.1:2001 > 10.0.3.7:9200, java pid=21, new',
        '10.0.0.1:2002 > 10.0.3.7:9200, java pid=21, new',
      ],
    })
  })

  it('finds a connection that was open, and that its process does not close', () => {
    const [leak] = compareMoments(
      saved(toPeer([1001])),
      saved(toPeer([1001], { state: 'close-wait' })),
    )
    expect(leak?.name).toBe('diff.leaked-connection')
    expect(leak?.details).toEqual(['10.0.0.1:1001 > 10.0.3.7:9200, java pid=21, was established'])
  })

  it('tells by the cookie that a connection with the same ends is another one', () => {
    const unclosed = { state: 'close-wait' } as const
    const results = compareMoments(
      saved(toPeer([1001], unclosed)),
      saved(toPeer([1001], { ...unclosed, cookie: 77n })),
    )
    expect(results.map(({ name }) => name)).toEqual(['diff.nothing-new'])
    const rebooted = compareMoments(
      saved(toPeer([1001], unclosed)),
      saved(toPeer([1001], { ...unclosed, cookie: 77n }), OWNERS, 'another boot'),
    )
    expect(rebooted.map(({ name }) => name)).toContain('diff.unclosed-connection')
  })

  it('finds no leak in as many other connections, as a pool has them', () => {
    const results = compare(saved(toPeer([1, 2, 3])), saved(toPeer([4, 5, 6])))
    expect(results.map(([name]) => name)).toEqual(['nothing-new'])
  })

  it('counts the clients of a server by their hosts: each has a port of its own', () => {
    const client = (port: number): SocketRecord =>
      connection('127.0.0.1:80', `127.0.0.1:${port}`, { inode: 1 })
    const before = saved([at('127.0.0.1:80'), client(5001)])
    expect(compare(before, saved([at('127.0.0.1:80'), client(5002)]))[0]?.[0]).toBe('nothing-new')
    const [more] = compare(before, saved([at('127.0.0.1:80'), client(5002), client(5003)]))
    expect(more).toEqual([
      'more-connections',
      false,
      '1 more connection of java at 127.0.0.1:80 from 127.0.0.1 in established: 1 before, 2 now',
    ])
  })

  it('notes what stands in close-wait then and now, which is not new', () => {
    const unclosed = saved(toPeer([1001, 1002], { state: 'close-wait' }))
    expect(compare(unclosed, unclosed)[1]).toEqual([
      'unclosed-connection',
      true,
      '2 connections of java to 10.0.3.7:9200 in close-wait then and now',
    ])
  })
})

describe('ensureSameSelection', () => {
  const selection = { protocols: ['tcp', 'udp'], families: ['ipv4'], states: ['listen'] }
  const before = { ...saved([]), selection }

  it('takes the same, and what does not say', () => {
    ensureSameSelection(before, { ...selection }, 'a.json')
    ensureSameSelection(saved([]), { ...selection, filter: 'sport = :80' }, 'a.json')
  })

  it('says what differs', () => {
    const error = failureOf(() => ensureSameSelection(before, { ...selection, netns: 'shop' }, 'a'))
    expect(error.code).toBe('ERR_USAGE')
    expect(error.message).toBe(
      'a is about other sockets than are asked for now: netns none there, shop here',
    )
  })
})
