import { describe, expect, it } from 'vitest'
import {
  connectionsText,
  describeHolder,
  killQuestion,
  portsText,
  stopQuestion,
} from '../../../../../src/cli/commands/inspect/free/words.ts'
import type { PlannedHolder } from '../../../../../src/inspect/act/free-plan.ts'
import { address, connection, record } from '../../../../support/records.ts'

const NOW = new Date('2026-01-02T03:04:05.678Z')
const teller = {
  home: '/home/maria',
  userName: (uid: number) => ({ 1000: 'maria' })[uid],
  now: NOW,
  viewerUid: 1000,
}

function holder(facts: Partial<PlannedHolder['facts']> = {}): PlannedHolder {
  const doors = [record({ local: address('[::]:3000') })]
  const inodes = new Set([1000])
  return {
    pid: 48291,
    name: 'node',
    doors,
    inodes,
    identity: { pid: 48291, startTicks: 1, inodes, descriptors: ['fd/3'] },
    facts: {
      pid: 48291,
      name: 'node',
      command: 'node server.js',
      words: ['node', 'server.js'],
      group: 48291,
      session: 48291,
      executable: undefined,
      workingFolder: '/home/maria/code/api',
      isFolderDeleted: false,
      project: { folder: '/home/maria/code/api', name: 'shop-api' },
      uid: 1000,
      startedAt: new Date(NOW.getTime() - 130 * 60_000),
      startTicks: 1,
      ancestors: [],
      terminal: 'pts/4',
      state: 'sleeping',
      threads: 1,
      openDescriptors: 20,
      descriptorLimit: 1024,
      denied: new Set(),
      ...facts,
    },
    supervisor: undefined,
    refusal: undefined,
  }
}

describe('describeHolder', () => {
  it('says what it holds, where it runs, whose it is and since when', () => {
    expect(describeHolder(holder(), teller)).toEqual([
      'node (pid 48291) listens on [::]:3000',
      '  in ~/code/api (shop-api), user maria, for 2 h 10 m',
      '  node server.js',
    ])
  })

  it('says that it is suspended, and where fg would wake it', () => {
    expect(describeHolder(holder({ state: 'stopped' }), teller).at(-1)).toBe(
      '  suspended in pts/4 (Ctrl-Z): fg wakes it',
    )
  })

  it('says who may start it again before anything is asked', () => {
    const supervisor = { name: 'systemd (shop.service)', stop: 'systemctl stop shop' }
    const lines = (waitsForChange: boolean): string | undefined =>
      describeHolder({ ...holder(), supervisor: { ...supervisor, waitsForChange } }, teller).at(-1)
    expect(lines(false)).toBe(
      '  systemd (shop.service) may start it again: use systemctl stop shop',
    )
    expect(lines(true)).toBe(
      '  systemd (shop.service) starts it again when a file changes; to end both: systemctl stop shop',
    )
  })

  it('says once what it does at several places', () => {
    const one = holder()
    const [door] = one.doors
    if (door === undefined) throw new Error('it holds something')
    const other = { ...door, local: { family: 'ipv4', host: '127.0.0.1', port: 3000 } as const }
    const bound = { ...other, state: 'bound-inactive' } as const
    expect(describeHolder({ ...one, doors: [door, bound, other] }, teller)[0]).toBe(
      'node (pid 48291) listens on [::]:3000 and 127.0.0.1:3000, is bound to 127.0.0.1:3000',
    )
  })

  it('cuts a command line that would push the rest off the screen', () => {
    const lines = describeHolder(holder({ command: 'x'.repeat(10_000) }), teller)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(310)
  })

  it('leaves out what cannot be seen', () => {
    const facts = { command: undefined, workingFolder: undefined, startedAt: undefined }
    expect(describeHolder(holder(facts), teller)).toEqual([
      'node (pid 48291) listens on [::]:3000',
      '  user maria',
    ])
  })
})

describe('questions', () => {
  it('name the process, its folder, its user when it is another, and an unusual signal', () => {
    expect(stopQuestion([holder()], 'SIGTERM', teller)).toBe('Stop node (pid 48291, ~/code/api)?')
    expect(stopQuestion([holder({ uid: 33 }), holder()], 'SIGINT', teller)).toBe(
      'Stop 2 processes with SIGINT, node (pid 48291, ~/code/api, user uid 33), node (pid 48291, ~/code/api)?',
    )
    expect(killQuestion([holder()])).toBe('Kill node (pid 48291), which then can save nothing?')
  })
})

describe('portsText and connectionsText', () => {
  it('count', () => {
    expect(portsText([3000])).toBe('port 3000')
    expect(portsText([3000, 5173])).toBe('ports 3000 and 5173')
    const one = connection('127.0.0.1:3000', '10.0.0.9:5000')
    expect(connectionsText([one])).toBe('a connection to 10.0.0.9:5000')
    expect(connectionsText([one, one, one])).toBe('a connection to 10.0.0.9:5000 and 2 others')
  })
})
