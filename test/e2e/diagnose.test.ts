import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { FindingJson } from '../../src/inspect/views/findings-json.ts'
import { hasPeer } from '../support/peers.ts'
import { type Outcome, sockctl } from '../support/sockctl.ts'
import { hasSocketsInStates } from '../support/sockets-in-states.ts'
import { type Trouble, trouble } from '../support/troubles.ts'

// Every trouble is made with real sockets in a network namespace of its own, and everything that is
// found there is compared: a rule that speaks where it should be silent fails here, too.

const hasTroubles =
  hasSocketsInStates && process.getuid?.() === 0 && hasPeer('nft') && hasPeer('setpriv')

const made: Trouble[] = []

afterEach(async () => {
  for (const one of made.splice(0)) await one.close()
})

async function make(name: string): Promise<Trouble> {
  const one = await trouble(name)
  made.push(one)
  return one
}

async function diagnose(name: string, ...flags: readonly string[]): Promise<Outcome & Trouble> {
  const one = await make(name)
  const argv = ['inspect', '--diagnose', '--interval', '300ms', ...flags]
  return { ...one, ...(await sockctl(argv, { through: one.inside })) }
}

/** What is found of a trouble: `problem listen.queue-full`, and the sentences. */
async function findings(name: string, ...flags: readonly string[]) {
  const { stdout, stderr, pid } = await diagnose(name, '--json', ...flags)
  expect(stderr).toBe('')
  const found: readonly FindingJson[] = JSON.parse(stdout).findings
  return { found, ids: found.map(({ severity, id }) => `${severity} ${id}`), pid }
}

describe.skipIf(!hasTroubles)('sockctl inspect --diagnose', () => {
  it.each([
    ['rest'],
    ['close-wait-few'],
    ['queue-in-use'],
    ['reuse-port-workers'],
    ['both-loopbacks'],
  ])('finds nothing on a machine at rest: %s', async name => {
    const { stdout, code } = await diagnose(name, '--fail-on', 'note')
    expect(stdout).toMatch(/^nothing looks wrong: \d+ sockets looked at twice\n$/)
    expect(code).toBe(0)
  })

  it.each([
    ['close-wait', 'warning tcp.close-wait.leak', /holds 25 connections that the peer has closed/],
    ['close-wait-growing', 'warning tcp.close-wait.leak', /, \d+ more than [\d.]+ m?s ago$/],
    ['close-wait-near-limit', 'problem tcp.close-wait.leak', /holds 34 connections/],
    [
      'unaccepted',
      'warning tcp.close-wait.unaccepted',
      /has not accepted 4 connections on .*:8080/,
    ],
    ['queue-full', 'problem listen.queue-full', /queue is full, 3 connections wait/],
    ['queue-high', 'warning listen.queue-full', /8 of 10 places of its queue/],
    ['small-queue-in-use', 'note listen.backlog-clamped', /a queue for only 8 connections/],
    ['deleted-program', 'note listen.deleted-exe', /^server \(pid \d+\) serves 127.0.0.1:8080 /],
    ['shared', 'warning listen.shared', /python3 \(pid \d+\) and sleep \(pid \d+\)$/],
    ['reuse-port', 'warning listen.reuseport-group', /shared by different programs/],
    [
      'localhost-split',
      'warning listen.localhost-split',
      /python3 .* on 127.*, other .* on \[::1\]/,
    ],
    ['turned-away', 'note listen.overflow-history', /has turned away \d+ attempts? to connect to/],
    ['lossy', 'warning est.lossy', /of the bytes sent to 127.0.0.1 had to be sent again/],
    ['bound', 'note bound.inactive', /holds 127.0.0.1:8080 without listening or connecting/],
    ['unread', 'warning est.recvq-local', /78.1 KiB wait on 1 connection/],
    ['last-ack', 'note tcp.last-ack.pileup', /1 connection ended by both sides is not confirmed/],
    [
      'retransmitting',
      'warning est.retransmitting',
      /^127.0.0.1 no longer acknowledges what python3/,
    ],
    [
      'keepalive-failing',
      'warning est.keepalive-failing',
      /does not answer the keepalive probes of/,
    ],
    ['blocked', 'warning tcp.syn-sent.blocked', /^python3 .* gets no answer from 127.0.0.1:8080$/],
    ['half-open', 'warning tcp.syn-recv.pileup', /^12 handshakes on 127.0.0.1:8080/],
    ['self-connect', 'note est.self-connect', /is connected to itself on 127.0.0.1:8080/],
    ['time-wait', 'note tcp.time-wait.pileup', /^12 of 20 client ports towards 127.0.0.1:8080/],
    [
      'ports-exhausted',
      'problem port.ephemeral-exhausted',
      /^out of client ports .* 20 of 20 used/,
    ],
    ['time-wait-limit', 'warning tcp.time-wait.overflow', /the kernel keeps 5 at most/],
    ['in-range', 'note port.listener-in-ephemeral-range', /^1 server port open to the network/],
    ['udp-drops', 'warning udp.rcvbuf-drops', /lost \d+ datagrams? on 127.0.0.1:8080 just now/],
    ['udp-no-ports', 'note udp.no-ports', /datagrams a second come for ports/],
    ['unix-backlog', 'warning unix.backlog-full', /does not accept on @full: 1 connection waits/],
    ['unix-gone', 'note unix.stale-path', /\/door, where no client can reach it$/],
    ['unix-replaced', 'note unix.stale-path', /\/door, where no client can reach it$/],
    ['descriptors', 'problem proc.fd-limit', /of 64 file descriptors open/],
    ['unlisted', 'note sock.unresolved-fds', /holds 1\d sockets that are neither bound nor/],
    ['syncookies', 'warning sys.syncookies-active', /^\d+ SYN cookies sent in the last/],
    ['resets', 'note sys.resets', /connections a second are broken off/],
    ['refused', 'note sys.attempt-fails', /^(\d+) of \1 connects in the last .* failed$/],
  ])('finds %s', async (name, id, summary) => {
    const { found, ids } = await findings(name)
    expect(ids).toEqual([id])
    expect(found[0]?.summary).toMatch(summary)
  })

  it('takes nothing for no answer where owners are hidden', async () => {
    const { inside } = await make('rest')
    const asNobody = (...argv: readonly string[]) =>
      sockctl(['inspect', '--diagnose', '--interval', '0', ...argv], {
        through: [...inside, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
      })
    const plain = await asNobody()
    expect(plain.stdout).toMatch(/^nothing looks wrong: /)
    expect(plain.stderr).toContain('Not answered, because owners are hidden: listen.owner-stopped')
    expect(plain.code).toBe(0)
    const failing = await asNobody('--fail-on', 'problem', '--json')
    expect(failing.stderr).toMatch(
      /^sockctl: nothing that bad is seen, but not everything could be/,
    )
    expect(failing.code).toBe(8)
    const other = await asNobody('--fail-on', 'note', '4711')
    expect(other.code).toBe(0)
    expect((await asNobody('--junit')).stdout).toContain('<skipped message="cannot be told while')
    expect((await asNobody('--github')).stdout).toMatch(/^::warning title=sockctl sight.owners-hid/)
  })

  it('names what follows from a full queue together with it', async () => {
    const { found, ids } = await findings('queue-full-and-client')
    expect(ids).toEqual(['problem listen.queue-full', 'warning tcp.syn-sent.blocked'])
    expect(found[1]?.evidence[1]).toMatch(/python3 .* listens there, and its accept queue is full/)
  })

  it('says of a stopped server that it is stopped, and of nothing else', async () => {
    const { found, ids } = await findings('stopped')
    expect(ids).toEqual(['problem listen.owner-stopped'])
    const [{ summary, evidence, advice, pids }] = found as [FindingJson]
    expect(summary).toMatch(/127.0.0.1:8080 is open, and python3 .* is stopped: 4 connections wait/)
    expect(evidence.slice(1)).toEqual([
      '4 in the queue, for 8 (full at one more)',
      '1 of them already given up by the client',
    ])
    const [pid = 0] = pids
    expect(advice[0]?.command).toBe(`kill -CONT ${pid}`)
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') T ')
  })

  it.each([
    ['zero-window', 'warning est.zero-window-peer', /cannot send [\d.]+ MiB: the peer has no room/],
    ['fin-wait-1', 'warning tcp.fin-wait-1.stuck', /1 closed connection waits for 127.0.0.1:8080/],
    ['orphan', 'warning tcp.fin-wait-1.stuck', /1 closed connection waits for 127.0.0.1:8080/],
  ])('finds both ends of a transfer that stands: %s', async (name, id, summary) => {
    const { found, ids, pid } = await findings(name)
    expect(ids).toEqual(['warning est.recvq-local', id])
    expect(found[1]?.summary).toMatch(summary)
    expect(JSON.stringify(found[1])).toContain(`on this machine: python3 (pid ${pid})`)
  })

  it('finds who has ended connections that the peers keep, and the peers', async () => {
    const { ids } = await findings('half-closed')
    expect(ids).toEqual(['warning tcp.close-wait.leak', 'warning tcp.fin-wait-2.half-closed'])
  })

  it('finds a burst of connects, and that nobody answers', async () => {
    const { found, ids } = await findings('burst')
    expect(ids).toEqual(['warning tcp.syn-sent.blocked', 'note tcp.syn-sent.burst'])
    expect(found[1]?.socketCount).toBe(50)
  })

  it.each([
    ['fin-wait-2-orphans', 'fin-wait-2=5', 'note tcp.fin-wait-2.orphan'],
    ['closing', 'closing=1', 'warning tcp.closing.pileup'],
    ['idle', 'idle=400ms', 'note est.no-keepalive-idle'],
    ['orphan', 'orphans=1', 'note orphans.many'],
    ['close-wait-few', 'close-wait=5', 'warning tcp.close-wait.leak'],
  ])('finds %s where %s is too much', async (name, threshold, id) => {
    const { ids } = await findings(name, '--threshold', threshold)
    expect(ids).toContain(id)
    expect((await findings(name)).ids).not.toContain(id)
  })

  it('is silent about what grows when it looks once', async () => {
    const { ids } = await findings('refused', '--interval', '0')
    expect(ids).toEqual([])
  })

  it('fails when something is as bad as was said', async () => {
    expect((await diagnose('bound', '--fail-on', 'note')).code).toBe(1)
    expect((await diagnose('bound', '--fail-on', 'warning')).code).toBe(0)
    expect((await diagnose('queue-full', '--fail-on', 'warning')).code).toBe(1)
  })

  it('shows only what concerns a port, a process or a protocol that is named', async () => {
    expect((await diagnose('bound', '8080')).stdout).toContain('(bound.inactive)')
    const other = await diagnose('bound', '8081')
    expect(other.stdout).toMatch(/^nothing looks wrong with what was asked for: .*; 1 finding else/)
    expect((await diagnose('bound', '-u')).stdout).toContain('1 finding elsewhere')
    expect((await diagnose('bound', '--process', 'python3')).stdout).toContain('(bound.inactive)')
    expect((await diagnose('unlisted', '--process', 'nobody')).stdout).toContain(
      '1 finding elsewhere',
    )
  })

  it('gives a line for each finding with --ndjson', async () => {
    const { stdout } = await diagnose('burst', '--ndjson')
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const found = events.filter(({ event }) => event === 'finding')
    expect(found.map(({ severity }) => severity)).toEqual(['warning', 'note'])
    expect(events.slice(0, 2)).toEqual([expect.objectContaining({ event: 'snapshot' }), found[0]])
    expect(events[1]).toMatchObject({ id: 'tcp.syn-sent.blocked', time: events[0].time })
  })
})
