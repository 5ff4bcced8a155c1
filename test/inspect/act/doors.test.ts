import { describe, expect, it } from 'vitest'
import { groupDoors, portUse } from '../../../src/inspect/act/doors.ts'
import { ownershipIn } from '../../../src/inspect/explain/ownership.ts'
import { address, connection, record, snapshot } from '../../support/records.ts'

const door = (port: number, inode: number) => record({ local: address(`127.0.0.1:${port}`), inode })

describe('portUse', () => {
  it('tells who holds a port from who only uses it, and from what is left', () => {
    const listener = door(80, 1)
    const bound = record({ state: 'bound-inactive', local: address('[::1]:80'), inode: 2 })
    const accepted = connection('127.0.0.1:80', '127.0.0.1:5000', { inode: 3 })
    const client = connection('127.0.0.1:5000', '127.0.0.1:80', { inode: 4 })
    const rest = connection('127.0.0.1:80', '127.0.0.1:5001', { state: 'time-wait', inode: 0 })
    const use = portUse(80, [listener, bound, accepted, client, rest])
    expect(use).toEqual({
      port: 80,
      doors: [listener, bound],
      connections: [accepted],
      remains: [rest],
    })
  })

  it('counts UDP without a peer among the holders, and with one not', () => {
    const server = record({ protocol: 'udp', state: 'unconnected' })
    const client = connection('127.0.0.1:8080', '127.0.0.1:53', { protocol: 'udp' })
    expect(portUse(8080, [server, client])).toMatchObject({
      doors: [server],
      connections: [client],
    })
  })
})

describe('groupDoors', () => {
  const [node, child, python] = [
    { pid: 10, fd: 3, name: 'node' },
    { pid: 11, fd: 3, name: 'sleep' },
    { pid: 12, fd: 3, name: 'python3' },
  ]

  it('puts the ports of one process together, and names every holder', () => {
    const doors = [door(80, 1), door(81, 2), door(82, 3)]
    const taken = snapshot(doors, { 1: [node, child], 2: [python], 3: [node] })
    const groups = groupDoors(doors, ownershipIn(taken, 0))
    expect(groups.map(one => one.holders.map(({ pid }) => pid))).toEqual([[12], [10, 11]])
    expect(groups[1]?.doors).toEqual([doors[0], doors[2]])
    expect(groups[1]?.holders[0]?.inodes).toEqual(new Set([1, 3]))
    expect(groups[1]?.holders[1]?.inodes).toEqual(new Set([1]))
  })

  it('joins groups that turn out to have a holder in common', () => {
    const doors = [door(80, 1), door(81, 2), door(82, 3)]
    const taken = snapshot(doors, { 1: [node], 2: [python], 3: [node, python] })
    expect(groupDoors(doors, ownershipIn(taken, 0))).toHaveLength(1)
  })

  it('tells why nobody is seen to hold a port', () => {
    const doors = [door(80, 1)]
    const [group] = groupDoors(doors, ownershipIn(snapshot(doors, {}), 1000))
    expect(group).toMatchObject({ holders: [], unheld: [{ kind: 'hidden', uid: 0 }] })
  })
})
