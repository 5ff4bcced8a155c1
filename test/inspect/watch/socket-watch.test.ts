import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { SocketWatch } from '../../../src/inspect/watch/socket-watch.ts'
import type { Look } from '../../../src/inspect/watch/types.ts'

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

/** A row of /proc/net/tcp or raw: a listener, or a socket that is only bound. */
const row = (port: number, inode: number, state = '0A'): string =>
  `   0: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-watch-'))
  mkdirSync(join(folder, 'net'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function write(table: 'tcp' | 'raw', ...rows: readonly string[]): void {
  writeFileSync(join(folder, 'net', table), `${[HEAD, ...rows].join('\n')}\n`)
}

function watch(): SocketWatch {
  return new SocketWatch({
    wanted: {
      protocols: new Set(['tcp', 'raw']),
      families: new Set(['ipv4']),
      states: new Set(ALL_STATES),
    },
    owners: false,
    procRoot: folder,
    now: () => new Date(),
  })
}

const inodes = (sockets: Look['sockets']): number[] => sockets.map(({ record }) => record.inode)

describe('SocketWatch, when a look is not whole', () => {
  it('takes what it could not see neither for gone nor, when it is seen again, for new', async () => {
    write('tcp', row(80, 1))
    write('raw', row(53, 2, '07'), row(5353, 3, '07'))
    const sockets = watch()
    await sockets.look()

    cpSync(join(folder, 'net', 'raw'), join(folder, 'kept'))
    rmSync(join(folder, 'net', 'raw'))
    write('tcp', row(80, 1), row(81, 4))
    const second = await sockets.look()
    expect(second.snapshot.warnings.map(({ code }) => code)).toContain('incomplete')
    expect(inodes(second.gone)).toEqual([])
    expect(inodes(second.opened)).toEqual([4])
    expect(inodes(second.sockets)).toEqual([1, 4, 2, 3])
    expect(second.snapshot.records.map(({ inode }) => inode)).toEqual([1, 4, 2, 3])

    cpSync(join(folder, 'kept'), join(folder, 'net', 'raw'))
    write('raw', row(53, 2, '07'))
    const third = await sockets.look()
    expect(inodes(third.opened)).toEqual([])
    expect(inodes(third.gone)).toEqual([3])
  })

  it('does not keep for ever what it cannot see', async () => {
    write('tcp', row(80, 1))
    write('raw', row(53, 2, '07'))
    const sockets = watch()
    await sockets.look()
    rmSync(join(folder, 'net', 'raw'))
    const gone: number[] = []
    for (let turn = 0; turn < 8; turn++) gone.push(...inodes((await sockets.look()).gone))
    expect(gone).toEqual([2])
  })
})
