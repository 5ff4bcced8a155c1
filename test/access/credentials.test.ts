import { describe, expect, it } from 'vitest'
import { anyOf, NOT_ALLOWED_IN } from '../../src/access/credentials.ts'
import { tokenCredentials } from '../../src/access/token.ts'

const of = (name: string, secret: string) => tokenCredentials([{ name, secret }])

describe('anyOf', () => {
  it('lets in whom any of them would, wherever it stands', async () => {
    const several = anyOf([of('a', 'one'), of('b', 'two')])
    expect(await several.check('one')).toEqual({ isAdmitted: true, user: 'a' })
    expect(await several.check('two')).toEqual({ isAdmitted: true, user: 'b' })
  })

  it('tells the reasons of all', async () => {
    const why = 'wrong token, wrong token'
    expect(await anyOf([of('a', 'one'), of('b', 'two')]).check('x')).toEqual({
      isAdmitted: false,
      why,
    })
  })

  it('lets nobody in where nothing would', async () => {
    expect(await anyOf([]).check('')).toEqual({ isAdmitted: false, why: NOT_ALLOWED_IN })
  })
})
