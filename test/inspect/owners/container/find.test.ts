import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Engines } from '../../../../src/inspect/owners/container/engine.ts'
import { findContainer } from '../../../../src/inspect/owners/container/find.ts'

const WEB = 'abcdef0123456789'.repeat(4)
const DB = `abcd${'9'.repeat(60)}`

describe('findContainer', () => {
  let procRoot: string

  beforeEach(() => {
    procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    for (const [pid, path] of [
      [1, '/init.scope'],
      [30, `/docker/${WEB}`],
      [20, `/docker/${WEB}`],
      [40, `/system.slice/docker-${DB}.scope`],
      [50, '/lxc.payload.mail'],
    ] as const) {
      mkdirSync(join(procRoot, String(pid)))
      writeFileSync(join(procRoot, String(pid), 'cgroup'), `0::${path}\n`)
    }
  })

  afterEach(() => {
    rmSync(procRoot, { recursive: true })
  })

  /** Engines that know these containers by their names. */
  function knowing(
    ids: Readonly<Record<string, { id: string; pid?: number }>> = {},
  ): Pick<Engines, 'find'> {
    return {
      async find(nameOrId) {
        const [name, known] =
          Object.entries(ids).find(([one, { id }]) => one === nameOrId || id === nameOrId) ?? []
        if (name === undefined || known === undefined) return undefined
        return { id: known.id, name, image: undefined, pid: known.pid, compose: undefined }
      },
    }
  }

  const find = (nameOrId: string, engines = knowing()) =>
    findContainer(nameOrId, { engines, procRoot })

  it.each([
    ['its whole id', WEB, { id: WEB, pid: 20, name: 'abcdef012345' }],
    ['the beginning of its id', 'abcde', { id: WEB, pid: 20, name: 'abcdef012345' }],
    ['its name, where that is the id', 'mail', { id: 'mail', pid: 50, name: 'mail' }],
  ])('finds it by %s', async (_, word, expected) => {
    expect(await find(word)).toEqual(expected)
  })

  it('finds it by the name that only its engine knows', async () => {
    const engines = knowing({ web: { id: WEB, pid: 7 }, far: { id: 'f'.repeat(64), pid: 60 } })
    expect(await find('web', engines)).toEqual({ id: WEB, pid: 20, name: 'web' })
    expect(await find('abcdef', engines)).toMatchObject({ name: 'web' })
    expect(await find('far', engines)).toMatchObject({ pid: 60 })
  })

  it('asks which, where several begin like this', async () => {
    await expect(find('abcd')).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'several containers begin with abcd: abcdef012345, abcd99999999',
    })
  })

  it('says what runs where it is not found', async () => {
    await expect(find('abc')).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: 'no container abc runs here',
      hints: [
        'These run here: abcdef012345, abcd99999999, mail. Names need the socket of their engine.',
      ],
    })
    const stopped = knowing({ old: { id: 'f'.repeat(64) } })
    await expect(find('old', stopped)).rejects.toMatchObject({
      message: 'the container old does not run',
    })
  })
})
