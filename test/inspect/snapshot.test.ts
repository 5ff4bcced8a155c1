import { type ExecFileSyncOptions, execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { hostname } from 'node:os'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { formatEnd, type NetlinkEnd, type PacketEnd, portOf } from '../../src/inspect/ends.ts'
import { ALL_STATES } from '../../src/inspect/select/states.ts'
import { holdersOf, takeSnapshot } from '../../src/inspect/snapshot.ts'
import { LITTLE_ENDIAN } from '../../src/inspect/sources/netlink-message.ts'
import type { Owner, Protocol, SourceName, Wanted } from '../../src/inspect/types.ts'
import { type Bundle, bundle } from '../support/bundle.ts'
import { within } from '../support/deadline.ts'
import { hasPeer } from '../support/peers.ts'
import type { PlainRecord, PlainSnapshot } from '../support/plain-snapshot.ts'
import {
  hasSocketsInStates,
  type MadeSocket,
  type SocketsInStates,
  socketsInStates,
} from '../support/sockets-in-states.ts'
import { type SsRow, ssInternet, ssRowOf, ssUnix, ssUnixRowOf } from '../support/ss.ts'
import { ssDetails, ssDetailsOf } from '../support/ss-details.ts'

const isLinux = process.platform === 'linux'
const isRoot = process.getuid?.() === 0
const SOURCES = ['sock-diag', 'procfs'] as const

const ALL_PROTOCOLS: readonly Protocol[] = [
  ...(['tcp', 'mptcp', 'udp', 'udplite', 'raw', 'unix', 'packet', 'netlink', 'vsock'] as const),
]

const EVERYTHING: Wanted = {
  protocols: new Set(['tcp', 'udp', 'unix']),
  families: new Set(['ipv4', 'ipv6', 'unix']),
  states: new Set(ALL_STATES),
}

describe.skipIf(!hasSocketsInStates)('takeSnapshot, of sockets in every state', () => {
  let made: SocketsInStates
  let script: Bundle

  beforeAll(async () => {
    made = await socketsInStates()
    script = await bundle('test/support/print-snapshot.ts', { hasPackages: true })
  })

  afterAll(async () => {
    script?.remove()
    await made?.close()
  })

  /** Takes it in the namespace of the sockets. */
  function snapshot(
    request: Readonly<Record<string, unknown>> = {},
    through: readonly string[] = [],
    { path } = script,
  ): PlainSnapshot {
    const command = [...made.inside, ...through, process.execPath, path, JSON.stringify(request)]
    const [file = '', ...args] = command
    const options: ExecFileSyncOptions = { stdio: ['ignore', 'pipe', 'pipe'] }
    return JSON.parse(execFileSync(file, args, options).toString())
  }

  function madeSocket(name: string): MadeSocket {
    const socket = made.sockets[name]
    if (socket === undefined) throw new Error(`the fixture makes no "${name}"`)
    return socket
  }

  /** The records of one that was made: several where no inode tells those of a port apart. */
  function recordsOf(name: string, { records }: PlainSnapshot): PlainRecord[] {
    const { inode, port } = madeSocket(name)
    if (inode !== undefined) return records.filter(record => record.inode === inode)
    return records.filter(({ local }) => portOf(local) === port)
  }

  function recordOf(name: string, seen: PlainSnapshot): PlainRecord {
    const { state } = madeSocket(name)
    const record = recordsOf(name, seen).find(one => one.state === state)
    if (record === undefined) throw new Error(`there is no ${state} "${name}"`)
    return record
  }

  it.each(SOURCES)('tells the state of each, through %s', source => {
    const seen = snapshot({ source })
    for (const [name, { state }] of Object.entries(made.sockets)) {
      const states = recordsOf(name, seen).map(record => record.state)
      if (source === 'procfs' && state === 'bound-inactive') expect(states, name).toEqual([])
      else expect(states, name).toContain(state)
    }
    const states = new Set(seen.records.map(({ state }) => state))
    const expected = ALL_STATES.filter(state => source !== 'procfs' || state !== 'bound-inactive')
    expect([...states].sort()).toEqual([...expected].sort())
  })

  it.skipIf(!hasPeer('ss'))('gives the TCP and UDP sockets that ss gives', () => {
    const before = ssInternet(made.inside)
    const seen = snapshot({ source: 'sock-diag' })
    const after = ssInternet(made.inside)
    const rows = seen.records
      .filter(({ protocol, state }) => protocol !== 'unix' && state !== 'bound-inactive')
      .map(ssRowOf)
      // Which ss does not find: see below.
      .map(row => (hiddenFromSs().has(row.inode) ? { ...row, holders: [] } : row))
    expect(comparable(before)).toEqual(comparable(after))
    expect(comparable(rows)).toEqual(comparable(after))
    expect(rows.length).toBeGreaterThan(40)
  })

  function hiddenFromSs(): Set<number | undefined> {
    return new Set(
      ['held-by-thread', 'held-by-orphaned-thread'].map(name => madeSocket(name).inode),
    )
  }

  it.skipIf(!hasPeer('ss'))('gives the unix sockets that ss gives', () => {
    const rows = snapshot({ source: 'sock-diag' })
      .records.filter(({ protocol }) => protocol === 'unix')
      .map(ssUnixRowOf)
    expect(rows.sort(byInode)).toEqual(ssUnix(made.inside).sort(byInode))
    expect(rows.length).toBeGreaterThan(10)
  })

  it('gives the same through procfs as through sock-diag, less what /proc lacks', () => {
    const kernel = snapshot({ source: 'sock-diag', details: ['memory'] }).records
    const text = snapshot({ source: 'procfs' }).records
    const expected = kernel.filter(({ state }) => state !== 'bound-inactive').map(asInProc)
    expect(text.filter(hasInodeIfUnix).map(withoutClock).sort(byKey)).toEqual(
      expected.map(withoutClock).sort(byKey),
    )
  })

  it.skipIf(!hasPeer('ss'))('gives the details that ss gives', () => {
    const before = ssDetails(made.inside)
    const details = ['tcp-info', 'congestion', 'memory', 'ip']
    const { records } = snapshot({ source: 'sock-diag', details })
    const after = ssDetails(made.inside)
    const compared = records.filter(({ inode, protocol, state }) => {
      const isSteady = JSON.stringify(before.get(inode)) === JSON.stringify(after.get(inode))
      return protocol !== 'unix' && state !== 'bound-inactive' && after.has(inode) && isSteady
    })
    for (const record of compared) {
      expect(ssDetailsOf(record), formatEnd(record.local)).toEqual(after.get(record.inode))
    }
    expect(compared.length).toBeGreaterThan(25)
  })

  /** A line of ss for each socket of a less usual protocol, with a blank between its columns. */
  function ssLines(...flags: readonly string[]): string[] {
    const [file = '', ...args] = [...made.inside, 'ss', '-anOHe', ...flags]
    const lines = execFileSync(file, args, { encoding: 'utf8' }).split('\n')
    return lines.filter(line => line !== '').map(line => line.replaceAll(/\s+/g, ' ').trim())
  }

  function otherRecords(protocols: readonly Protocol[], source?: SourceName): PlainRecord[] {
    return [...snapshot({ source, protocols, owners: false }).records]
  }

  function other(name: string, records: readonly PlainRecord[]): PlainRecord | undefined {
    return records.find(({ inode }) => inode === made.others[name]?.inode)
  }

  it.skipIf(!hasPeer('ss'))('gives the raw and packet sockets that ss gives', () => {
    const raw = otherRecords(['raw']).map(record => {
      const { state, receiveQueue, sendQueue, local, remote } = record
      const peer = remote === undefined ? '' : formatEnd(remote)
      return `${state} ${receiveQueue} ${sendQueue} ${formatEnd(local)} ${peer}`
    })
    const words = ssLines('-w').map(line =>
      line
        .replace('UNCONN', 'unconnected')
        .replace('ESTAB', 'established')
        .replace(' *:', ' [::]:')
        .replace(/ (?:0\.0\.0\.0|\*):\* ?$/, ' ')
        .replace(/(\d):\* ?$/, '$1:0'),
    )
    expect(raw.sort()).toEqual(words.sort())
    expect(raw).toHaveLength(3)

    const packet = otherRecords(['packet']).map(({ local, inode, cookie, receiveQueue }) => {
      const { protocol, interfaceIndex } = local as PacketEnd
      return `${receiveQueue} [${protocol}]:${interfaceIndex === 1 ? 'lo' : '*'} ${inode} ${cookie}`
    })
    const rows = ssLines('-0').map(line =>
      line.replace(/^(?:p_\w+ )?UNCONN (\d+) 0 (\S+) .* ino:(\d+) sk:(\w+) .*$/, '$1 $2 $3 $4'),
    )
    expect(packet.sort()).toEqual(rows.sort())
    expect(packet).toHaveLength(2)
  })

  it.skipIf(!hasPeer('ss'))('gives the netlink sockets that ss gives', () => {
    // Those of sock_diag (4) are those that ask.
    const isAsking = (text: string): boolean => /^(?:\S+ ){2}4:/.test(text)
    const records = otherRecords(['netlink'])
    const rows = records.map(({ receiveQueue, sendQueue, local }) => {
      const { protocol, port } = local as NetlinkEnd
      return `${receiveQueue} ${sendQueue} ${protocol}:${port | 0}`
    })
    const lines = ssLines('-A', 'netlink').map(line =>
      line.replace(/^UNCONN (\d+ \d+ \d+:-?\d+) .*$/, '$1'),
    )
    const compared = rows.filter(row => !isAsking(row)).sort()
    expect(compared).toEqual(lines.filter(line => !isAsking(line)).sort())
    expect(other('netlink', records)?.local).toMatchObject({ port: made.others.netlink?.port })
    expect(other('netlink-connected', records)).toMatchObject({
      state: 'established',
      remote: { family: 'netlink', protocol: 0, port: 0 },
    })
  })

  it('gives UDP-Lite sockets, where the kernel has them', ({ skip }) => {
    skip(made.others.udplite === undefined, 'no UDP-Lite here')
    for (const source of SOURCES) {
      const records = otherRecords(['udplite'], source)
      expect(other('udplite', records), source).toMatchObject({
        protocol: 'udplite',
        state: 'unconnected',
        local: { host: '127.0.0.1', port: made.others.udplite?.port },
      })
      expect(other('udplite6', records), source).toMatchObject({
        state: 'established',
        local: { port: made.others.udplite6?.port },
        remote: { host: '::1', port: 9 },
      })
    }
  })

  it('gives an MPTCP connection once, with what TCP knows of it', ({ skip }) => {
    skip(made.others.mptcp === undefined, 'no MPTCP here')
    const details = ['tcp-info', 'memory']
    const both = snapshot({ protocols: ['tcp', 'mptcp'], details, owners: false }).records
    for (const name of ['mptcp-listener', 'mptcp', 'mptcp-accepted']) {
      const { inode, port } = made.others[name] ?? {}
      const records = both.filter(record => record.inode === inode)
      expect(records, name).toMatchObject([{ protocol: 'mptcp', local: { port } }])
      expect(records[0]?.tcp, name).toMatchObject({ upperProtocol: 'mptcp' })
    }
    expect(other('mptcp', both)?.tcp?.info?.bytesReceived).toBeGreaterThanOrEqual(6)
    const alone = otherRecords(['mptcp'])
    expect(alone.map(({ protocol }) => protocol)).toEqual(['mptcp', 'mptcp', 'mptcp'])
    expect(other('mptcp-listener', alone)).toMatchObject({ state: 'listen', sendQueue: 6 })
    const tcp = otherRecords(['tcp'])
    expect(other('mptcp', tcp)).toMatchObject({ protocol: 'tcp', state: 'established' })
  })

  it.skipIf(!hasPeer('ss'))('gives the MPTCP sockets that ss gives', ({ skip }) => {
    skip(made.others.mptcp === undefined, 'no MPTCP here')
    const rows = otherRecords(['mptcp']).map(record => {
      const { receiveQueue, sendQueue, local, inode, cookie } = record
      return `${receiveQueue} ${sendQueue} ${formatEnd(local)} ${inode} ${cookie}`
    })
    const lines = ssLines('-M').map(line =>
      line.replace(/^\w+ (\d+ \d+ \S+) .* ino:(\d+) sk:(\w+) .*$/, '$1 $2 $3'),
    )
    expect(rows.sort()).toEqual(lines.sort())
  })

  it('says what it had to look up in /proc, or could not see at all', () => {
    const { records, warnings } = snapshot({ protocols: ['tcp', 'raw', 'vsock'], owners: false })
    const messages = warnings.map(({ message }) => message)
    expect(records.filter(({ protocol }) => protocol === 'raw')).toHaveLength(3)
    const withoutRaw = messages.filter(message => message.startsWith('cannot list raw sockets: '))
    for (const message of withoutRaw) expect(message).toMatch(/; looked into \/proc\/net instead$/)
    const withoutVsock = messages.filter(one => one.startsWith('cannot list vsock sockets: '))
    for (const message of withoutVsock) expect(message).toMatch(/\(ENOENT\)$/)
    // Raw sockets were found in another place, which tells less; of those of vsock there may be some.
    expect(new Set(warnings.map(({ code }) => code))).toEqual(
      new Set([
        ...(withoutRaw.length > 0 ? ['source-limited'] : []),
        ...(withoutVsock.length > 0 ? ['incomplete'] : []),
      ]),
    )
    const everything = { protocols: ALL_PROTOCOLS, owners: false }
    expect(snapshot(everything).warnings).toEqual([])
  })

  it('tells what has been set on a socket, and what it has lost', () => {
    const details = ['tcp-info', 'congestion', 'memory', 'ip']
    const seen = snapshot({ source: 'sock-diag', details })
    const client = recordOf('with-options', seen)
    expect(client).toMatchObject({
      ip: { typeOfService: 0x10, classId: 3, options: expect.arrayContaining(['freebind']) },
      tcp: { congestion: 'reno', info: { bytesSent: 1000 } },
    })
    expect(client.shutdown).toBeUndefined()
    if (isRoot) expect(client.mark).toBe(4711)
    expect(client.cgroupId).toBeGreaterThan(0)
    expect(recordOf('udp6-with-options', seen).ip).toMatchObject({
      trafficClass: 0x20,
      isV6only: true,
    })
    expect(recordOf('udp-flooded', seen).drops).toBeGreaterThan(50)
    expect(recordOf('udp-flooded', seen).memory?.receiveLimitBytes).toBe(8192)
    expect(recordOf('full-queue', seen).drops).toBeGreaterThan(0)
    expect(recordOf('listener-v6only', seen).ip?.isV6only).toBe(true)
    expect(recordOf('listener-dual-stack', seen).ip?.isV6only).toBe(false)
    expect(recordOf('fin-wait-2', seen).shutdown).toBe('send')
    expect(recordOf('close-wait', seen).shutdown).toBe('receive')
    expect(recordOf('unix', seen).memory?.receiveLimitBytes).toBeGreaterThan(0)
    expect(Object.keys(recordOf('time-wait', seen))).not.toContain('tcp')
    const plain = recordOf('with-options', snapshot({ source: 'sock-diag', owners: false }))
    expect([plain.tcp, plain.memory, plain.drops]).toEqual([undefined, undefined, undefined])
  })

  it('leaves in the kernel what its program does not let through', () => {
    const { port = 0 } = madeSocket('listener')
    const seen = snapshot({ kernelFilter: localPortProgram(port), protocols: ['tcp', 'udp'] })
    expect(seen.records.map(({ local }) => portOf(local))).toEqual([port])
    const broken = snapshot({ kernelFilter: 'ff08 0c00'.replaceAll(' ', ''), protocols: ['tcp'] })
    expect(broken.records.length).toBeGreaterThan(40)
    expect(broken.warnings.filter(({ code }) => code !== 'owners-hidden')).toEqual([])
  })

  it('tells what only the kernel tells', () => {
    const seen = snapshot({ source: 'sock-diag' })
    expect(recordOf('listener', seen)).toMatchObject({ receiveQueue: 0, sendQueue: 7 })
    expect(recordOf('full-queue', seen)).toMatchObject({ receiveQueue: 1, sendQueue: 0 })
    expect(recordOf('listener-device', seen)).toMatchObject({ interfaceIndex: 1 })
    expect(recordOf('bound', seen).holders).toMatchObject([{ pid: made.pid }])
    expect(recordOf('unix', seen)).toMatchObject({ receiveQueue: 1, sendQueue: 4, uid: 0 })
    const { path = '' } = madeSocket('unix')
    expect(recordOf('unix-connected', seen)).toMatchObject({
      remote: { family: 'unix', path },
      unix: { type: 'stream', peerInode: madeSocket('unix-accepted').inode },
    })
    expect(seen.warnings.filter(({ code }) => code !== 'owners-hidden')).toEqual([])
  })

  it.each(SOURCES)('tells names of unix sockets as they are, through %s', source => {
    const seen = snapshot({ source })
    for (const [name, { path }] of Object.entries(made.sockets)) {
      if (path === undefined) continue
      const shown = source === 'procfs' ? path.replaceAll('\0', '@') : path
      expect(recordOf(name, seen).local, name).toEqual({
        family: 'unix',
        path: shown,
      })
    }
  })

  it.each(SOURCES)('tells when timers end, through %s', source => {
    const seen = snapshot({ source })
    const timeWait = recordOf('time-wait', seen).timer
    expect(timeWait).toMatchObject({ kind: 'time-wait', retransmits: 0 })
    expect(timeWait?.expiresInMs).toBeGreaterThan(0)
    expect(timeWait?.expiresInMs).toBeLessThanOrEqual(60_000)
    const keepalive = recordOf('keepalive', seen).timer
    expect(keepalive?.kind).toBe('keepalive')
    expect(keepalive?.expiresInMs).toBeGreaterThan(7_000_000)
    const unanswered = recordOf('syn-sent', seen).timer
    expect(unanswered?.kind).toBe('retransmit')
    expect(unanswered?.retransmits).toBeGreaterThanOrEqual(1)
    expect(recordOf('established', seen).timer).toBeUndefined()
  })

  it.each(SOURCES)('names every holder, through %s', source => {
    const seen = snapshot({ source })
    const { fd, alsoHeldBy } = madeSocket('shared')
    expect(byPid(recordOf('shared', seen).holders)).toEqual(
      byPid([
        { pid: made.pid, fd, name: 'python3' },
        { pid: alsoHeldBy ?? 0, fd, name: 'sleep' },
      ]),
    )
    const { fd: itsFd } = madeSocket('listener')
    expect(recordOf('listener', seen).holders).toEqual([
      { pid: made.pid, fd: itsFd, name: 'python3' },
    ])
    expect(recordOf('time-wait', seen).holders).toEqual([])
  })

  it.each(SOURCES)('finds holders that ss does not find, through %s', source => {
    const seen = snapshot({ source })
    const thread = madeSocket('held-by-thread')
    expect(recordOf('held-by-thread', seen).holders).toEqual([
      { pid: made.pid, fd: thread.fd, name: 'python3' },
    ])
    const { pid } = madeSocket('held-by-orphaned-thread')
    expect(recordOf('held-by-orphaned-thread', seen).holders).toMatchObject([{ pid }])
  })

  it.skipIf(!isRoot || !hasPeer('setpriv'))('says whose owners are hidden from others', () => {
    const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const seen = snapshot({ source: 'sock-diag' }, asNobody)
    const sockets = seen.records.filter(({ inode }) => inode !== 0)
    expect(seen.records.flatMap(({ holders }) => holders)).toEqual([])
    expect(seen.warnings).toEqual([
      {
        code: 'owners-hidden',
        message: expect.stringMatching(/^the owners of \d+ sockets \(root \d+\) are hidden from/),
        hidden: [{ uid: 0, sockets: sockets.length }],
      },
    ])
  })

  it('looks for no owners unless it is asked to', () => {
    const seen = snapshot({ owners: false })
    expect(seen.records.flatMap(({ holders }) => holders)).toEqual([])
    expect(seen.warnings).toEqual([])
  })

  it('reads a /proc that is elsewhere', () => {
    const procRoot = `/proc/${made.pid}`
    const own = snapshot({ procRoot })
    expect(own.source).toBe('procfs')
    expect(recordOf('listener', own)).toMatchObject({ state: 'listen' })
  })

  it('goes on with /proc where koffi is not installed, and says so', async () => {
    const bare = await bundle('test/support/print-snapshot.ts', { hasPackages: false })
    try {
      const seen = snapshot({}, [], bare)
      expect(seen.source).toBe('procfs')
      expect(seen.warnings.slice(0, 1)).toEqual([
        {
          code: 'source-fallback',
          message: 'cannot call sock_diag: koffi is not installed; looked into procfs instead',
        },
      ])
      expect(recordOf('shared', seen).holders).toHaveLength(2)
      expect(() => snapshot({ source: 'sock-diag' }, [], bare)).toThrow(/ERR_UNSUPPORTED/)
    } finally {
      bare.remove()
    }
  })
})

describe.skipIf(!isRoot || !hasSocketsInStates)('takeSnapshot, while processes come and go', () => {
  it('says nothing of hidden owners, nor of sockets that are gone', {
    timeout: 60_000,
  }, async () => {
    const script = await bundle('test/support/print-snapshot.ts', { hasPackages: true })
    const start = 'ip link set lo up && exec "$0" test/fixtures/churn.mjs'
    const churn = spawn('unshare', ['-n', 'sh', '-c', start, process.execPath], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      await within(5000, 'churn', once(createInterface(churn.stdout), 'line'))
      const printer = [process.execPath, script.path, '{"source": "sock-diag"}', '20']
      const lines = execFileSync('nsenter', ['-t', `${churn.pid}`, '-n', ...printer], {
        maxBuffer: 2 ** 28,
      })
      const taken: PlainSnapshot[] = lines
        .toString()
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line))
      const hidden = taken.flatMap(({ warnings }) => warnings.filter(one => one.hidden))
      expect(hidden).toEqual([])
      const sockets = taken.flatMap(({ records }) => records).filter(({ inode }) => inode !== 0)
      expect(sockets.length).toBeGreaterThan(100)
    } finally {
      churn.stdin.end()
      await within(5000, 'the end of churn', once(churn, 'close'))
      script.remove()
    }
  })
})

describe.skipIf(!isLinux)('takeSnapshot, of this process', () => {
  const open = new Set<{ close(): void }>()
  const now = (): Date => new Date('2026-01-02T03:04:05Z')

  afterEach(() => {
    for (const one of open) one.close()
    open.clear()
  })

  async function listening(): Promise<number> {
    const server = createServer()
    open.add(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }

  it.each(SOURCES)('tells its listener and who holds it, through %s', async source => {
    const port = await listening()
    const taken = await takeSnapshot({ wanted: EVERYTHING, source, owners: true, now })
    const record = taken.records.find(
      ({ local, state }) => state === 'listen' && local.family === 'ipv4' && local.port === port,
    )
    if (record === undefined) throw new Error('it is not there')
    expect(taken).toMatchObject({ takenAt: now(), host: hostname(), source })
    expect(record.local).toEqual({ family: 'ipv4', host: '127.0.0.1', port })
    expect(record.uid).toBe(process.getuid?.())
    expect(holdersOf(taken, record)?.map(({ pid }) => pid)).toEqual([process.pid])
  })

  it.each(SOURCES)('gives only what is wanted, through %s', async source => {
    await listening()
    const socket = createSocket('udp4')
    open.add(socket)
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    const request = { source, owners: false, now }
    const listeners = await takeSnapshot({
      ...request,
      wanted: { ...EVERYTHING, states: new Set(['listen']), protocols: new Set(['tcp']) },
    })
    expect(new Set(listeners.records.map(({ state }) => state))).toEqual(new Set(['listen']))
    expect(new Set(listeners.records.map(({ protocol }) => protocol))).toEqual(new Set(['tcp']))
    const { records } = await takeSnapshot({
      ...request,
      wanted: { ...EVERYTHING, families: new Set(['ipv4']), protocols: new Set(['udp', 'unix']) },
    })
    expect(new Set(records.map(({ protocol }) => protocol))).toEqual(new Set(['udp']))
    expect(new Set(records.map(({ family }) => family))).toEqual(new Set(['ipv4']))
  })

  it('looks up only those owners that are asked for', async () => {
    const port = await listening()
    await listening()
    const { owners, records } = await takeSnapshot({
      wanted: EVERYTHING,
      owners: ({ local }) => local.family === 'ipv4' && local.port === port,
      now,
    })
    expect(owners?.size).toBe(1)
    expect(records.length).toBeGreaterThan(1)
  })

  it('refuses a source that is not for this system', async () => {
    const taken = takeSnapshot({
      wanted: EVERYTHING,
      source: 'systeminformation',
      owners: false,
      now,
    })
    await expect(taken).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: 'systeminformation cannot look into the sockets of linux',
      hints: ['This can: sock-diag, procfs.'],
    })
  })

  it('stays whole while sockets and processes come and go', { timeout: 120_000 }, async () => {
    const port = await listening()
    const churn = spawn(process.execPath, ['test/fixtures/churn.mjs'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      await within(5000, 'churn', once(createInterface(churn.stdout), 'line'))
      for (let i = 0; i < 50; i++) {
        const source = SOURCES[i % 2] ?? 'procfs'
        const taken = await takeSnapshot({ wanted: EVERYTHING, source, owners: true, now })
        const keys = taken.records
          // Unix sockets that wait to be accepted have nothing to tell them apart.
          .filter(({ protocol, inode }) => protocol !== 'unix' || inode !== 0)
          .map(({ inode, cookie, local, remote }) =>
            JSON.stringify([cookie?.toString() ?? (inode || [local, remote]), local.family]),
          )
        expect(repeated(keys)).toEqual([])
        const idle = taken.records.filter(
          ({ local, state }) =>
            state === 'listen' && local.family === 'ipv4' && local.port === port,
        )
        expect(idle).toHaveLength(1)
        expect(idle.map(record => holdersOf(taken, record)?.length)).toEqual([1])
        await setImmediate()
        expect(churn.exitCode).toBeNull()
      }
    } finally {
      churn.stdin.end()
      await within(5000, 'the end of churn', once(churn, 'close'))
    }
  })
})

/** INET_DIAG_BC_S_EQ of linux/inet_diag.h: `sport == port`, in hex. */
function localPortProgram(port: number): string {
  const program = Buffer.from([11, 8, 0, 0, 0, 0, 0, 0])
  const numbers = new DataView(program.buffer, program.byteOffset)
  numbers.setUint16(2, 12, LITTLE_ENDIAN)
  numbers.setUint16(6, port, LITTLE_ENDIAN)
  return program.toString('hex')
}

function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>()
  return keys.filter(key => seen.size === seen.add(key).size)
}

/** Timers that are soon over come and go; all else stays as it is. */
function comparable(rows: readonly SsRow[]): SsRow[] {
  return rows
    .map(row =>
      row.timer === 'on' || row.timer === 'persist' ? { ...row, timer: undefined } : row,
    )
    .sort(byKey)
}

/** What /proc tells of a socket. */
function asInProc(record: PlainRecord): Partial<PlainRecord> {
  const { cookie, interfaceIndex, shutdown, mark, cgroupId, ip, memory, ...more } = record
  const rest = record.protocol === 'udp' ? more : { ...more, drops: undefined }
  if (record.local.family !== 'unix' || record.unix === undefined) {
    return record.state === 'listen' ? { ...rest, sendQueue: undefined } : rest
  }
  const local = { ...record.local, path: record.local.path.replaceAll('\0', '@') }
  const unknown = { remote: undefined, receiveQueue: undefined, sendQueue: undefined }
  return {
    ...rest,
    ...unknown,
    local,
    uid: undefined,
    unix: { ...record.unix, peerInode: undefined },
  }
}

/** sock_diag leaves out those that wait to be accepted, which have no inode yet. */
function hasInodeIfUnix({ protocol, inode }: PlainRecord): boolean {
  return protocol !== 'unix' || inode !== 0
}

function withoutClock(record: Partial<PlainRecord>): Partial<PlainRecord> {
  const { timer, ...rest } = record
  const isSteady = timer?.kind === 'time-wait' || timer?.kind === 'keepalive'
  return isSteady ? { ...rest, timer: { ...timer, expiresInMs: 0 } } : rest
}

function byKey(a: object, b: object): number {
  const [one, other] = [keyOf(a), keyOf(b)]
  return one < other ? -1 : one > other ? 1 : 0
}

/** Sockets without an inode are told apart by their two ends. */
function keyOf(row: { inode?: number; local?: unknown; remote?: unknown }): string {
  return JSON.stringify([row.inode, row.local, row.remote])
}

function byInode(a: { readonly inode: number }, b: { readonly inode: number }): number {
  return a.inode - b.inode
}

function byPid(owners: readonly Owner[]): readonly Owner[] {
  return [...owners].sort((a, b) => a.pid - b.pid)
}
