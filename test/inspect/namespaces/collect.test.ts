import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portOf } from '../../../src/inspect/ends.ts'
import { namespaceOf } from '../../../src/inspect/namespaces/find.ts'
import { type Bundle, bundle } from '../../support/bundle.ts'
import {
  canNameNetworks,
  type NamedNetwork,
  namedNetwork,
} from '../../support/network-namespace.ts'
import type { PlainSnapshot } from '../../support/plain-snapshot.ts'

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

// In a process of its own: nothing but what is tested runs there.
describe.skipIf(!canNameNetworks)('collectNamespaces', () => {
  let network: NamedNetwork
  let script: Bundle

  beforeAll(async () => {
    network = await namedNetwork(`sockctl-collect-${process.pid}`)
    script = await bundle('test/support/print-snapshot.ts', { hasPackages: true })
  })

  afterAll(async () => {
    script?.remove()
    await network?.close()
  })

  function look(request: object, through: readonly string[] = []): PlainSnapshot {
    const [file = '', ...args] = [...through, process.execPath, script.path]
    const output = execFileSync(file, [...args, JSON.stringify(request)], {
      stdio: 'pipe',
      maxBuffer: 2 ** 28,
    })
    return JSON.parse(output.toString())
  }

  function listenerIn({ records }: PlainSnapshot) {
    return records.find(
      ({ state, local, netns }) =>
        state === 'listen' && portOf(local) === network.port && netns !== undefined,
    )
  }

  it.each(['sock-diag', 'procfs'])(
    'reads one by the pid of who lives there, through %s',
    source => {
      const seen = look({ netns: String(network.pid), source })
      const { inode } = namespaceOf(network.pid, '/proc')
      expect(seen.source).toBe(source)
      expect(listenerIn(seen)).toMatchObject({
        netns: { inode, name: network.name },
        holders: [{ pid: network.pid, name: 'python3' }],
      })
      expect(seen.records.every(({ netns }) => netns?.inode === inode)).toBe(true)
    },
  )

  it('reads one by its name', () => {
    const seen = look({ netns: network.name })
    expect(listenerIn(seen)?.netns?.name).toBe(network.name)
    expect(seen.warnings).toEqual([])
  })

  it('reads all, its own among them, which has no name', () => {
    const seen = look({ netns: 'all' })
    const own = namespaceOf(process.pid, '/proc').inode
    expect(listenerIn(seen)?.netns?.name).toBe(network.name)
    const names = seen.records
      .filter(({ netns }) => netns?.inode === own)
      .map(one => one.netns?.name)
    expect(new Set(names)).toEqual(new Set([undefined]))
  })

  it('reads what a process has in /proc where it may not enter, and says so', () => {
    const seen = look({ netns: String(network.pid) }, NOBODY)
    expect(seen.source).toBe('procfs')
    expect(listenerIn(seen)?.netns).toEqual({ name: `pid:${network.pid}` })
    expect(seen.warnings).toContainEqual({
      code: 'source-fallback',
      message: `cannot enter the network namespace pid:${network.pid}: only root may enter it; looked into /proc/${network.pid}/net instead`,
    })
  })

  it('knows its own by a process that does not tell which it is in', () => {
    const seen = look({ netns: String(process.pid) }, NOBODY)
    const { inode } = namespaceOf(process.pid, '/proc')
    expect(seen.source).toBe('sock-diag')
    expect(seen.records.length).toBeGreaterThan(0)
    expect(seen.records.every(({ netns }) => netns?.inode === inode)).toBe(true)
    expect(seen.warnings.map(({ code }) => code)).not.toContain('source-fallback')
  })

  it('finds the namespaces of processes that do not tell theirs', () => {
    const seen = look({ netns: 'all' }, NOBODY)
    expect(listenerIn(seen)?.netns).toEqual({ name: `pid:${network.pid}` })
    expect(seen.warnings.filter(({ message }) => message.includes('did not tell'))).toEqual([])
  })

  it('fails where the only one may not be entered, and nobody tells who lives there', () => {
    expect(() => look({ netns: network.name }, NOBODY)).toThrow(/ERR_DENIED/)
    expect(() => look({ netns: network.name, source: 'procfs' })).toThrow(/ERR_UNSUPPORTED/)
  })

  it('goes on with the others where one may not be entered, and says which', () => {
    const seen = look({ netns: 'all' }, NOBODY)
    const hidden = seen.warnings.filter(({ code }) => code === 'netns-hidden')
    expect(hidden.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`cannot look into the network namespace ${network.name}: `),
      ]),
    )
  })
})
