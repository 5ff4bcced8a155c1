import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import type { OverviewRow } from '../../../src/inspect/explain/overview.ts'
import type { ProcessStory } from '../../../src/inspect/explain/process-story.ts'
import { overviewHeadline, overviewView } from '../../../src/inspect/views/overview.ts'
import { OVERVIEW_FIELDS, overviewJson } from '../../../src/inspect/views/overview-json.ts'
import { address, connection, record } from '../../support/records.ts'

const NOW = new Date('2026-01-10T12:00:00Z')
const reader = { uid: 1000, userName: () => undefined, home: '/home/me', now: NOW }

const listener = (local: string) => record({ state: 'listen', local: address(local) })

/** What is known of a process of the reader's, in a project. */
function story(parts: Partial<ProcessStory> = {}): ProcessStory {
  return {
    facts: {
      pid: 7,
      name: 'node',
      command: 'node server.js',
      words: [],
      executable: undefined,
      workingFolder: '/home/me/shop',
      isFolderDeleted: false,
      project: { folder: '/home/me/shop', name: 'shop' },
      uid: 1000,
      startedAt: new Date('2026-01-08T10:00:00Z'),
      startTicks: 1,
      ancestors: [],
      terminal: undefined,
      group: 7,
      session: 7,
      state: 'sleeping',
      threads: 1,
      openDescriptors: 3,
      descriptorLimit: 1024,
      denied: new Set(),
    },
    script: 'server.js',
    branch: 'main',
    placement: undefined,
    container: undefined,
    standIn: undefined,
    orphan: undefined,
    ...parts,
  }
}

function row(parts: Partial<OverviewRow> = {}): OverviewRow {
  return {
    protocol: 'tcp',
    port: 3000,
    records: [listener('127.0.0.1:3000')],
    ownership: { kind: 'held', owners: [{ pid: 7, fd: 3, name: 'node' }] },
    owner: { pid: 7, fd: 3, name: 'node' },
    story: story(),
    isOpenToNetwork: false,
    connections: 1,
    isSystem: false,
    isIdle: false,
    sameProjectAs: undefined,
    isShared: false,
    ...parts,
  }
}

function lines(...rows: OverviewRow[]): string[][] {
  const pieces = overviewView(rows, reader, { header: false, paint: PLAIN, width: undefined })
  return [...pieces]
    .join('')
    .trimEnd()
    .split('\n')
    .map(line => line.split(/ {2,}/))
}

describe('overviewView', () => {
  it.each<[Partial<OverviewRow>, string[]]>([
    [{}, ['3000', '~/shop', 'node (server.js)', '2 d', 'localhost', '-']],
    [
      { story: story({ orphan: 'terminal-gone' }), isOpenToNetwork: true },
      ['3000', '~/shop', 'node (server.js)', '2 d', 'network', 'orphan: terminal gone'],
    ],
    [
      { protocol: 'udp', isIdle: true, sameProjectAs: { protocol: 'tcp', port: 80 } },
      [
        ...['3000/udp', '~/shop', 'node (server.js)', '2 d', 'localhost'],
        'idle: 0 connections; project of 80',
      ],
    ],
    [
      { sameProjectAs: { protocol: 'udp', port: 5353 } },
      ['3000', '~/shop', 'node (server.js)', '2 d', 'localhost', 'project of 5353/udp'],
    ],
    [
      {
        story: undefined,
        owner: undefined,
        ownership: { kind: 'hidden', uid: 33 },
        isSystem: true,
      },
      ['3000', '-', '(uid 33)', '-', 'localhost', 'owner hidden'],
    ],
    [
      {
        story: story({
          placement: {
            container: { kind: 'docker', id: 'ab'.repeat(32) },
            unit: undefined,
            manager: undefined,
            pod: undefined,
          },
          container: {
            id: 'ab'.repeat(32),
            name: 'shop-db-1',
            image: 'postgres:16',
            pid: 7,
            compose: { project: 'shop', service: 'db' },
          },
        }),
      },
      ['3000', 'docker: shop/db', 'postgres:16', '2 d', 'localhost', 'container'],
    ],
    [
      { owner: { pid: 7, fd: 3, name: 'a  3001\u001b' }, story: story({ script: undefined }) },
      ['3000', '~/shop', '"a', '3001\\x1b"', '2 d', 'localhost', '-'],
    ],
  ])('writes %#', (parts, expected) => {
    expect(lines(row(parts))).toEqual([expected])
  })
})

describe('overviewHeadline', () => {
  it('counts listeners, the forgotten ones, and states', () => {
    const rows = [row(), row({ isIdle: true })]
    const records = [
      listener('127.0.0.1:3000'),
      connection('127.0.0.1:3000', '127.0.0.1:4'),
      connection('127.0.0.1:3000', '127.0.0.1:5'),
    ]
    expect(overviewHeadline(rows, records)).toBe(
      '2 listeners, 1 looks forgotten; TCP: 2 established.',
    )
    expect(overviewHeadline([], records)).toBe('Nothing listens on this machine.')
  })
})

describe('overviewJson', () => {
  it('has the keys that are written down', () => {
    const known = OVERVIEW_FIELDS.flatMap(({ key }) => key.split(', '))
    expect(Object.keys(overviewJson(row())).sort()).toEqual([...known].sort())
  })
})
