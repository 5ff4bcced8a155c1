import { expect, it } from 'vitest'
import { containerNames } from '../../../../src/inspect/owners/container/names.ts'

it('asks once for the name of each container, and leaves out those that nobody knows', async () => {
  const asked: string[] = []
  const known = { a1: 'web', b2: 'db' }
  const engines = {
    async find(id: string) {
      asked.push(id)
      const name = known[id as keyof typeof known]
      return name === undefined
        ? undefined
        : { id, name, image: undefined, compose: undefined, pid: 1 }
    },
  }
  const names = await containerNames(['a1', 'b2', 'a1', 'c3'], engines)
  expect([...names]).toEqual([
    ['a1', 'web'],
    ['b2', 'db'],
  ])
  expect(asked).toEqual(['a1', 'b2', 'c3'])
})
