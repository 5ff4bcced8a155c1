import { describe, expect, it } from 'vitest'
import { parsePorts } from '../../../src/inspect/select/ports.ts'
import {
  asksForOwners,
  ownerFilter,
  recordFilter,
  type Selection,
} from '../../../src/inspect/select/selection.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { address, connection, record, unixSocket } from '../../support/records.ts'

function selection(parts: Partial<Selection> = {}): Selection {
  return {
    protocols: new Set(['tcp', 'udp', 'unix']),
    families: new Set(['ipv4', 'ipv6', 'unix']),
    states: new Set(ALL_STATES),
    ports: [],
    pids: [],
    processes: [],
    ...parts,
  }
}

const listener = record({ local: address('0.0.0.0:8080') })
const client = connection('127.0.0.1:40000', '127.0.0.1:8080')
const client6 = connection('[::1]:40000', '[::1]:443')
const datagram = record({ protocol: 'udp', state: 'unconnected', local: address('0.0.0.0:53') })
const path = unixSocket('/run/8080')
const everything = [listener, client, client6, datagram, path]

describe('recordFilter', () => {
  it.each<[string, Partial<Selection>, readonly unknown[]]>([
    ['nothing: everything', {}, everything],
    ['a protocol', { protocols: new Set(['udp']) }, [datagram]],
    ['a family', { families: new Set(['ipv6']) }, [client6]],
    ['a state', { states: new Set(['listen']) }, [listener]],
    ['a port at either end', { ports: parsePorts('8080') }, [listener, client]],
    ['a range', { ports: parsePorts('50-500') }, [client6, datagram]],
    ['several ports', { ports: parsePorts('53,443') }, [client6, datagram]],
    [
      'a port and a state',
      { ports: parsePorts('8080'), states: new Set(['established']) },
      [client],
    ],
  ])('selects by %s', (_, parts, expected) => {
    expect(everything.filter(recordFilter(selection(parts)))).toEqual(expected)
  })
})

describe('ownerFilter', () => {
  const node = { pid: 4711, fd: 21, name: 'node' }

  it.each<[string, Partial<Selection>, boolean]>([
    ['the pid', { pids: [4711] }, true],
    ['one of the pids', { pids: [1, 4711] }, true],
    ['another pid', { pids: [471] }, false],
    ['the name', { processes: ['node'] }, true],
    ['a part of the name', { processes: ['nod'] }, false],
    ['pid and name', { pids: [4711], processes: ['node'] }, true],
    ['the pid and another name', { pids: [4711], processes: ['nginx'] }, false],
  ])('asked for %s: %s', (_, parts, expected) => {
    expect(ownerFilter(selection(parts))(node)).toBe(expected)
  })

  it('finds a process by its full name, of which the kernel keeps 15 bytes', () => {
    const { name } = { name: 'systemd-resolve' }
    const matches = ownerFilter(selection({ processes: ['systemd-resolved'] }))
    expect(matches({ pid: 1, fd: 3, name })).toBe(true)
  })
})

describe('asksForOwners', () => {
  it('is true for processes only', () => {
    expect(asksForOwners(selection({ ports: parsePorts('80') }))).toBe(false)
    expect(asksForOwners(selection({ pids: [1] }))).toBe(true)
    expect(asksForOwners(selection({ processes: ['node'] }))).toBe(true)
  })
})
