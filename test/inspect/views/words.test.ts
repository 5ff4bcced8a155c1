import { describe, expect, it } from 'vitest'
import type { Ownership } from '../../../src/inspect/explain/ownership.ts'
import {
  ownershipText,
  ownersText,
  protocolText,
  timerText,
} from '../../../src/inspect/views/words.ts'
import { record, socketList, unixSocket } from '../../support/records.ts'

const { userName } = socketList([])

describe('protocolText', () => {
  it.each([
    [record(), 'tcp'],
    [record({ protocol: 'udp' }), 'udp'],
    [unixSocket(''), 'unix'],
    [unixSocket('', { unix: { type: 'datagram', peerInode: undefined } }), 'unix-dgram'],
    [unixSocket('', { unix: { type: 'seqpacket', peerInode: undefined } }), 'unix-seq'],
  ])('%#: %s', (one, expected) => {
    expect(protocolText(one)).toBe(expected)
  })
})

describe('timerText', () => {
  it.each([
    [{ kind: 'time-wait', expiresInMs: 59_100, retransmits: 0 } as const, 'time-wait,59.1s'],
    [{ kind: 'keepalive', expiresInMs: 7_140_000, retransmits: 0 } as const, 'keepalive,1h59m'],
    [{ kind: 'retransmit', expiresInMs: 220, retransmits: 3 } as const, 'retransmit,220ms,x3'],
  ])('%#: %s', (timer, expected) => {
    expect(timerText(timer)).toBe(expected)
  })
})

describe('ownersText', () => {
  it('names every holder, to be found by name and by pid', () => {
    const owners = [
      { pid: 4711, fd: 21, name: 'node' },
      { pid: 4712, fd: 21, name: 'node' },
    ]
    expect(ownersText(owners)).toBe('node pid=4711 fd=21, node pid=4712 fd=21')
  })

  it('names a process alone where the source knows no descriptor', () => {
    expect(ownersText([{ pid: 4711, fd: undefined, name: 'node' }])).toBe('node pid=4711')
  })

  it.each([
    ['nginx', 'nginx'],
    ['kworker/0:1', 'kworker/0:1'],
    ['tmux: server', '"tmux: server"'],
    ['x pid=1 fd=1, y', '"x pid=1 fd=1, y"'],
    ['(orphan)', '"(orphan)"'],
    ['a"))\n', '"a\\"))\\n"'],
    ['a\\nb', '"a\\\\nb"'],
    ['\x1b[2J', '"\\x1b[2J"'],
    ['‮fdp', '"\\u{202e}fdp"'],
    ['', '""'],
    ['=1+1', '"=1+1"'],
    ['日本', '"日本"'],
  ])('lets the name %j pose as nothing else', (name, expected) => {
    expect(ownersText([{ pid: 7, fd: 3, name }])).toBe(`${expected} pid=7 fd=3`)
  })
})

describe('ownershipText', () => {
  const node = { pid: 4711, fd: 21, name: 'node' }

  it.each<[Ownership, string]>([
    [{ kind: 'held', owners: [node] }, 'node pid=4711 fd=21'],
    [{ kind: 'hidden', uid: 33 }, '(owner hidden: uid 33 www-data)'],
    [
      { kind: 'hidden', uid: 99, unit: 'a\nb.service' },
      '(owner hidden: uid 99, unit a\\nb.service)',
    ],
    [{ kind: 'hidden', uid: 99 }, '(owner hidden: uid 99)'],
    [{ kind: 'hidden', uid: undefined }, '(owner hidden)'],
    [{ kind: 'unseen' }, '(no process found: the kernel, or another container)'],
    [{ kind: 'orphan' }, '(orphan: process closed it)'],
    [
      { kind: 'unaccepted', listener: { kind: 'held', owners: [node] } },
      '(waiting to be accepted by node pid=4711 fd=21)',
    ],
    [
      { kind: 'unaccepted', listener: { kind: 'hidden', uid: 0 } },
      '(waiting to be accepted; owner hidden: uid 0 root)',
    ],
    [{ kind: 'unaccepted', listener: { kind: 'unseen' } }, '(waiting to be accepted)'],
  ])('%#: %j', (ownership, expected) => {
    expect(ownershipText(ownership, 'established', userName)).toBe(expected)
  })

  it('says what the kernel is doing', () => {
    expect(ownershipText({ kind: 'kernel' }, 'time-wait', userName)).toBe('(kernel: time-wait)')
    expect(ownershipText({ kind: 'kernel' }, 'syn-recv', userName)).toBe('(kernel: handshake)')
    expect(ownershipText({ kind: 'kernel' }, 'unconnected', userName)).toBe('(kernel)')
  })
})
