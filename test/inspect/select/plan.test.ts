import { describe, expect, it } from 'vitest'
import type { Ownership } from '../../../src/inspect/explain/ownership.ts'
import type { NameSystem } from '../../../src/inspect/select/names.ts'
import { parseFilter } from '../../../src/inspect/select/parser.ts'
import { planSelection } from '../../../src/inspect/select/plan.ts'
import type { Selection } from '../../../src/inspect/select/selection.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { address, connection, record, snapshot, unixSocket } from '../../support/records.ts'

const listener = record({ local: address('0.0.0.0:8080') })
const client = connection('127.0.0.1:40000', '127.0.0.1:8080', { inode: 2 })
const hidden = connection('127.0.0.1:40001', '127.0.0.1:443', { inode: 3, uid: 33 })
const path = unixSocket('/run/8080', { inode: 4 })
const everything = [listener, client, hidden, path]

const system: NameSystem = {
  addressesOf: async () => [],
  interfaceIndex: async () => 1,
  interfaceNames: () => ['lo'],
  cgroupId: () => 1,
  ephemeralPorts: () => ({ first: 1, last: 2 }),
}

const userName = (): undefined => undefined

function plan(text: string, parts: Partial<Selection> = {}, wantsOwners = true) {
  const selection: Selection = {
    protocols: new Set(['tcp', 'udp', 'unix']),
    families: new Set(['ipv4', 'ipv6', 'unix']),
    states: new Set(ALL_STATES),
    ports: [],
    pids: [],
    processes: [],
    filter: parseFilter(text, { portOfService: () => undefined }).expression,
    ...parts,
  }
  return planSelection(selection, { wantsOwners, userName, system })
}

function ownershipOf({ inode }: SocketRecord): Ownership {
  if (inode === 3) return { kind: 'hidden', uid: 33 }
  return { kind: 'held', owners: [{ pid: inode, fd: 3, name: `p${inode}` }] }
}

async function selected(...args: Parameters<typeof plan>) {
  const { select } = await plan(...args)
  return select(snapshot(everything), { ownershipOf, userName })
}

describe('planSelection', () => {
  it.each<[string, Partial<Selection>, readonly SocketRecord[]]>([
    ['', {}, everything],
    ['', { protocols: new Set(['unix']) }, [path]],
    ['', { families: new Set(['ipv4']) }, [listener, client, hidden]],
    ['', { states: new Set(['listen']) }, [listener]],
    ['dport = :443', {}, [hidden]],
    ['sport = :40000', { ports: [{ first: 8080, last: 8080 }] }, [client]],
    ['', { ports: [{ first: 8080, last: 8080 }] }, [listener, client]],
    ['', { pids: [2, 4] }, [client, path]],
    ['', { processes: ['p4'] }, [path]],
  ])('selects by "%s" and %j', async (text, parts, expected) => {
    expect((await selected(text, parts)).records).toEqual(expected)
  })

  it('keeps those whose holders are hidden for candidates', async () => {
    const { records, candidates } = await selected('process = p2')
    expect(records).toEqual([client])
    expect(candidates).toEqual([client, hidden])
    const turned = await selected('not process = p2 and state = established')
    expect(turned.records).toEqual([path])
  })

  it('fails when the answer depends on what is not told', async () => {
    await expect(selected('rtt gt 1ms')).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: 'cannot select by rtt: this kernel does not tell it',
    })
    await expect(selected('fwmark = 1 and sport = :8080')).rejects.toMatchObject({
      code: 'ERR_DENIED',
      message: expect.stringContaining('CAP_NET_ADMIN'),
    })
    expect((await selected('rtt gt 1ms and state = listen')).records).toEqual([])
  })

  it('blames the source that does not know', async () => {
    const { select } = await plan('dev = lo')
    const taken = {
      ...snapshot([record({ interfaceIndex: undefined })]),
      source: 'procfs',
    } as const
    expect(() => select(taken, { ownershipOf, userName })).toThrow(
      expect.objectContaining({
        code: 'ERR_UNSUPPORTED',
        message: 'cannot select by dev: procfs does not tell it',
        hints: [expect.stringContaining('sock-diag does')],
      }),
    )
  })

  it('looks for the holders of what may be shown, and of listeners, which explain it', async () => {
    const { mayNeedOwners } = await plan('dport = :443 and process = x')
    expect(everything.filter(mayNeedOwners)).toEqual([listener, hidden])
  })

  it('asks the kernel for listeners too when they explain', async () => {
    const states = new Set(['established'] as const)
    const explained = await plan('sport = :80', { states })
    const plain = await plan('sport = :80', { states }, false)
    expect([...explained.wanted.states]).toEqual(['established', 'listen'])
    expect([...plain.wanted.states]).toEqual(['established'])
    expect(explained.wanted.kernelFilter?.length).toBe(12 + 4 + 12)
    expect(plain.wanted.kernelFilter?.length).toBe(12)
    expect((await plan('process = x')).wanted.kernelFilter).toBeUndefined()
  })
})
