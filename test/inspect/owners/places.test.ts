import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placementOfProcess, placesIn } from '../../../src/inspect/owners/places.ts'
import { record, snapshot } from '../../support/records.ts'

const ID = '0123456789abcdef'.repeat(4)

describe('placesIn', () => {
  let folder: string
  let procRoot: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    procRoot = join(folder, 'proc')
    mkdirSync(join(procRoot, 'self'), { recursive: true })
    mkdirSync(join(folder, 'cgroup', 'web.service'), { recursive: true })
    writeFileSync(join(procRoot, 'self', 'mounts'), `none ${folder}/cgroup cgroup2 rw 0 0\n`)
    for (const [pid, cgroup] of [
      [7, `0::/system.slice/docker-${ID}.scope\n`],
      [8, '0::/system.slice/nginx.service\n'],
    ] as const) {
      mkdirSync(join(procRoot, String(pid)))
      writeFileSync(join(procRoot, String(pid), 'cgroup'), cgroup)
    }
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function placesOf(pids: readonly number[]) {
    const owners = pids.map(pid => ({ pid, fd: 3, name: 'x' }))
    return placesIn(snapshot([], owners.length > 0 ? { 1000: owners } : {}), procRoot)
  }

  it('tells the container of the first holder', () => {
    const { containerOf, unitOf, isOfContainer } = placesOf([7, 8])
    expect(containerOf(record())).toEqual({ kind: 'docker', id: ID })
    expect(unitOf(record())).toBeUndefined()
    expect(isOfContainer(record(), ID)).toBe(true)
    expect(isOfContainer(record(), `${ID.slice(1)}0`)).toBe(false)
  })

  it('tells its unit, and of the other holders which container they are in', () => {
    const { containerOf, unitOf, isOfContainer } = placesOf([8, 7])
    expect(unitOf(record())).toBe('nginx.service')
    expect(containerOf(record())).toBeUndefined()
    expect(isOfContainer(record(), ID)).toBe(true)
  })

  it('tells where a socket was made whose holder is not seen', () => {
    const cgroupId = statSync(join(folder, 'cgroup', 'web.service')).ino
    const { unitOf, containerOf } = placesOf([])
    expect(unitOf(record({ cgroupId }))).toBe('web.service')
    expect(containerOf(record({ cgroupId }))).toBeUndefined()
    expect(unitOf(record({ cgroupId: 1 }))).toBeUndefined()
    expect(unitOf(record())).toBeUndefined()
  })

  it('knows nothing of a process that has ended', () => {
    expect(placementOfProcess(9, procRoot)).toBeUndefined()
    expect(placesOf([9]).unitOf(record())).toBeUndefined()
  })
})
