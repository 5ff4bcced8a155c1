import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../../src/address.ts'
import { type Balance, Targets } from '../../../src/handlers/forward/targets.ts'
import { tcpEndpoint } from '../../support/serve-session.ts'

const client = (last: number) => inetAddress(`10.0.0.${last}`, 4000 + last)

function targets(balance?: Balance) {
  return new Targets([1, 2, 3].map(tcpEndpoint), balance)
}

function portsFor(list: Targets, from = client(1)): unknown[] {
  return list.orderFor(from).map(one => 'port' in one.endpoint && one.endpoint.port)
}

describe('Targets', () => {
  it('takes turns', () => {
    const list = targets()
    expect([portsFor(list), portsFor(list), portsFor(list), portsFor(list)]).toEqual([
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
      [1, 2, 3],
    ])
  })

  it('prefers the one with the fewest open, and takes turns between equals', () => {
    const list = targets('least')
    const [first, second] = list.all
    if (first && second) [first.open, second.open] = [2, 1]
    expect(portsFor(list)).toEqual([3, 2, 1])
    for (const one of list.all) one.open = 5
    expect(portsFor(list)[0]).toBe(2)
  })

  it('gives a client the same one each time, from whatever port, and spreads the clients', () => {
    const list = targets('hash')
    const firsts = Array.from({ length: 60 }, (_, i) => portsFor(list, client(i))[0])
    expect(Array.from({ length: 60 }, (_, i) => portsFor(list, client(i))[0])).toEqual(firsts)
    expect(portsFor(list, inetAddress('10.0.0.1', 9))).toEqual(portsFor(list, client(1)))
    expect(new Set(firsts)).toEqual(new Set([1, 2, 3]))
  })

  it('moves only the clients of one that is left out', () => {
    const list = targets('hash')
    const before = Array.from({ length: 60 }, (_, i) => portsFor(list, client(i))[0])
    const [first] = list.all
    if (first) first.isOut = true
    const after = Array.from({ length: 60 }, (_, i) => portsFor(list, client(i))[0])
    const moved = before.filter((port, i) => port !== after[i])
    expect(new Set(moved)).toEqual(new Set([1]))
    expect(after).not.toContain(1)
  })

  it('keeps one that is left out as the last resort', () => {
    const list = targets()
    const [first] = list.all
    if (first) first.isOut = true
    expect(portsFor(list)).toEqual([2, 3, 1])
  })
})
