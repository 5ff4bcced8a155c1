import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTokens, tokenCredentials } from '../../src/access/token.ts'
import { failureOf } from '../support/failure.ts'

describe('parseTokens', () => {
  it('reads one per line, with a name or without, and skips comments', () => {
    expect(parseTokens('# door\nalice:one\r\n\n  two  \nbob@example.org:th:ree\n')).toEqual([
      { name: 'alice', secret: 'one' },
      { name: undefined, secret: 'two' },
      { name: 'bob@example.org', secret: 'th:ree' },
    ])
  })

  it.each(['', '\n', '# only a comment'])('refuses %j, which would let anybody in', text => {
    expect(failureOf(() => parseTokens(text)).code).toBe('ERR_USAGE')
  })

  it('takes what cannot be a name for a part of the token', () => {
    expect(parseTokens('a b:c')).toEqual([{ name: undefined, secret: 'a b:c' }])
    expect(parseTokens('alice:')).toEqual([{ name: undefined, secret: 'alice:' }])
  })
})

describe('tokenCredentials', () => {
  const credentials = tokenCredentials(parseTokens('alice:one\ntwo'))

  it('says whose the token is', async () => {
    expect(await credentials.check('one')).toEqual({ isAdmitted: true, user: 'alice' })
    expect(await credentials.check('alice:one')).toEqual({ isAdmitted: true, user: 'alice' })
    expect(await credentials.check('two')).toEqual({ isAdmitted: true, user: undefined })
  })

  it.each(['', 'on', 'onee', 'One', 'alice', 'alice:', 'bob:one', 'one ', 'one\0'])(
    'refuses %j',
    async text => {
      expect(await credentials.check(text)).toEqual({ isAdmitted: false, why: 'wrong token' })
    },
  )

  it('lets nothing in but the tokens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async text => {
        fc.pre(!['one', 'two', 'alice:one'].includes(text))
        expect((await credentials.check(text)).isAdmitted).toBe(false)
      }),
    )
  })
})
