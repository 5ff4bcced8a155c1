import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explainUnixPath } from '../../../src/inspect/explain/unix-path.ts'
import { engines } from '../../../src/inspect/owners/container/engine.ts'
import { hasPeer } from '../../support/peers.ts'
import { endPortHoldersAfterEach, holdPort } from '../../support/port-holder.ts'
import { unixClients } from '../../support/unix-clients.ts'

endPortHoldersAfterEach()

describe.skipIf(process.platform !== 'linux')('explainUnixPath', () => {
  let folder: string
  const servers: Server[] = []
  let client: Socket

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-path-'))
    for (const name of ['alive', 'stale-soon', 'moved', 'replaced', 'gone', '\u001b[2J']) {
      const server = createServer().listen(join(folder, name))
      await once(server, 'listening')
      servers.push(server)
    }
    client = connect(join(folder, 'alive'))
    await once(client, 'connect')
    // Node removes the file of a server that it closes: under another name it stays.
    renameSync(join(folder, 'stale-soon'), join(folder, 'stale'))
    servers[1]?.close()
    renameSync(join(folder, 'gone'), join(folder, 'gone-elsewhere'))
    rmSync(join(folder, 'replaced'))
    renameSync(join(folder, 'moved'), join(folder, 'replaced'))
    servers[2]?.close()
    writeFileSync(join(folder, 'file'), '')
  })

  afterAll(() => {
    client.destroy()
    for (const server of servers) server.close()
    rmSync(folder, { recursive: true })
  })

  const explain = (path: string, source?: 'procfs') =>
    explainUnixPath(path, {
      procRoot: '/proc',
      engines: engines({ sockets: [] }),
      source,
      mayBind: true,
      now: () => new Date(),
    })

  it.each([
    ['alive', 'alive'],
    ['stale', 'stale'],
    ['replaced', 'replaced'],
    ['gone', 'unlinked'],
    ['file', 'no-socket'],
    ['nothing', 'missing'],
    ['\u001b[2J', 'alive'],
  ])('judges %j', async (name, verdict) => {
    expect((await explain(join(folder, name))).verdict).toBe(verdict)
  })

  it('knocks where the source does not know which file it is', async () => {
    expect((await explain(join(folder, 'alive'), 'procfs')).verdict).toBe('alive')
    expect((await explain(join(folder, 'stale'), 'procfs')).verdict).toBe('stale')
    expect((await explain(join(folder, 'replaced'), 'procfs')).verdict).toBe('replaced')
  })

  it('finds somebody who answers by a name that no table has', async () => {
    const { verdict, ownership } = await explain(join(folder, 'gone-elsewhere'))
    expect(verdict).toBe('elsewhere')
    expect(ownership).toBeUndefined()
  })

  it('tells who holds it, and who is connected', async () => {
    const report = await explain(join(folder, 'alive'))
    expect(report.story?.facts.pid).toBe(process.pid)
    expect(report.clients).toMatchObject([{ owner: { pid: process.pid }, connections: 1 }])
    expect(report.file).toMatchObject({ uid: process.getuid?.() })
  })

  describe.runIf(hasPeer('python3'))('of sockets that have a file and do not listen', () => {
    it.each([
      ['bound', 'bound'],
      ['client', 'connected'],
      ['orphan', 'connected'],
      ['datagram-client', 'alive'],
      ['closed', 'stale'],
    ])('judges %j, whose holder is no client of itself', async (name, verdict) => {
      const { pid } = await holdPort(['python3', '-c', unixClients(folder)])
      const report = await explain(join(folder, name))
      const isHeld = verdict !== 'stale'
      expect(report).toMatchObject({ verdict, ownership: isHeld ? { kind: 'held' } : undefined })
      expect(report.story?.facts.pid).toBe(isHeld ? pid : undefined)
      expect(report.clients.map(({ owner }) => owner?.pid)).toEqual(isHeld ? [] : [pid])
    })
  })

  it('knows that there is no such abstract name', async () => {
    expect((await explain('@sockctl-no-such-name')).verdict).toBe('missing')
  })
})
