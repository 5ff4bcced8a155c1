import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { jwtCredentials } from '../../src/access/jwt.ts'
import { openKeySet } from '../../src/access/key-set.ts'
import {
  ecKeys,
  edKeys,
  inSeconds,
  type KeyPair,
  makeJwt,
  makeUnsignedJwt,
  rsaKeys,
} from '../support/jwt.ts'
import { endSessionsAfterEach, newFolder } from '../support/serve-session.ts'

endSessionsAfterEach()

const SECRET = 'a secret of at least thirty-two bytes'
const bySecret = jwtCredentials({ key: Buffer.from(SECRET) })
const rsa = rsaKeys('rsa')

async function byKeys(...pairs: readonly KeyPair[]) {
  const file = `${newFolder()}/jwks.json`
  writeFileSync(file, JSON.stringify({ keys: pairs.map(({ jwk }) => jwk) }))
  return jwtCredentials({ key: await openKeySet(file) })
}

describe('jwtCredentials with a secret', () => {
  it.each(['HS256', 'HS384', 'HS512'])('lets in who is signed in by %s', async alg => {
    const jwt = makeJwt(SECRET, { sub: 'alice' }, { alg })
    expect(await bySecret.check(jwt)).toEqual({ isAdmitted: true, user: 'alice' })
  })

  it('lets in a JWT without a subject, as nobody by name', async () => {
    expect(await bySecret.check(makeJwt(SECRET, {}))).toEqual({ isAdmitted: true })
  })

  it.each([
    ['another secret', makeJwt('guessed', {}), 'a JWT with a wrong signature'],
    ['no signature', makeUnsignedJwt({ sub: 'a' }), 'a JWT with an algorithm that is not allowed'],
    ['an odd none', makeUnsignedJwt({}, 'NoNe'), 'a JWT with an algorithm that is not allowed'],
    ['HS256, but not signed', makeUnsignedJwt({}, 'HS256'), 'a JWT with a wrong signature'],
    ['a public key', makeJwt(rsa, {}), 'a JWT with an algorithm that is not allowed'],
    ['its end an hour ago', makeJwt(SECRET, { exp: inSeconds(-3600) }), 'an expired JWT'],
    ['its end beyond the leeway', makeJwt(SECRET, { exp: inSeconds(-31) }), 'an expired JWT'],
    [
      'its beginning to come',
      makeJwt(SECRET, { nbf: inSeconds(60) }),
      'a JWT that is not valid yet',
    ],
    ['no form', 'wrong', 'not a JWT'],
    ['nothing', '', 'not a JWT'],
    ['empty parts', '..', 'not a JWT'],
    ['a subject that is no text', makeJwt(SECRET, { sub: 7 }), expect.stringMatching(/^a JWT/)],
    [
      'a subject that would end an environment',
      makeJwt(SECRET, { sub: 'root\0x' }),
      'a JWT with a subject that is no name',
    ],
    [
      'an extension that we do not know',
      makeJwt(SECRET, {}, { crit: ['x'], x: 1 }),
      expect.stringMatching(/cannot be checked/),
    ],
  ])('refuses one with %s', async (_, jwt, why) => {
    expect(await bySecret.check(jwt)).toEqual({ isAdmitted: false, why })
  })

  it('gives clocks that differ 30 s', async () => {
    const late = makeJwt(SECRET, { exp: inSeconds(-20) })
    const early = makeJwt(SECRET, { nbf: inSeconds(20) })
    expect((await bySecret.check(late)).isAdmitted).toBe(true)
    expect((await bySecret.check(early)).isAdmitted).toBe(true)
  })

  it('asks for the issuer and the audience, where they are given', async () => {
    const strict = jwtCredentials({ key: Buffer.from(SECRET), issuer: 'we', audience: 'door' })
    const check = async (claims: object) => strict.check(makeJwt(SECRET, { ...claims }))
    expect((await check({ iss: 'we', aud: ['roof', 'door'] })).isAdmitted).toBe(true)
    expect(await check({ iss: 'they', aud: 'door' })).toMatchObject({
      why: 'a JWT of another issuer',
    })
    expect(await check({ iss: 'we', aud: 'roof' })).toMatchObject({
      why: 'a JWT for another audience',
    })
    expect((await check({})).isAdmitted).toBe(false)
  })

  it('lets nobody in whose JWT was changed at any byte', async () => {
    const jwt = makeJwt(SECRET, { sub: 'alice' })
    for (let at = 0; at < jwt.length; at++) {
      for (const other of ['A', 'B', '_', '.', '=', '\0', ' ', '+', '\n', 'é']) {
        if (other === jwt[at]) continue
        for (const rest of [jwt.slice(at + 1), jwt.slice(at)]) {
          const changed = jwt.slice(0, at) + other + rest
          expect({ changed, ...(await bySecret.check(changed)) }).toMatchObject({
            isAdmitted: false,
          })
        }
      }
      expect((await bySecret.check(jwt.slice(0, at))).isAdmitted).toBe(false)
    }
  })
})

describe('jwtCredentials with public keys', () => {
  it.each([
    ['RS256', rsa],
    ['RS512', rsa],
    ['PS256', rsa],
    ['PS384', rsa],
    ['ES256', ecKeys('ec')],
    ['EdDSA', edKeys('ed')],
  ])('lets in who is signed in by %s', async (alg, keys) => {
    const credentials = await byKeys(keys, rsaKeys('other'))
    const jwt = makeJwt(keys, { sub: 'bob' }, { alg })
    expect(await credentials.check(jwt)).toEqual({ isAdmitted: true, user: 'bob' })
  })

  it('does not take a public key for a secret', async () => {
    const credentials = await byKeys(rsa)
    const pem = Buffer.from(JSON.stringify(rsa.jwk))
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const forged = makeJwt(pem, { sub: 'mallory' }, { alg, kid: 'rsa' })
      expect(await credentials.check(forged)).toEqual({
        isAdmitted: false,
        why: 'a JWT with an algorithm that is not allowed',
      })
    }
    expect((await credentials.check(makeUnsignedJwt({}))).isAdmitted).toBe(false)
  })

  it('refuses a secret that stands among the public keys', async () => {
    const k = Buffer.from(SECRET).toString('base64url')
    const file = `${newFolder()}/jwks.json`
    writeFileSync(file, JSON.stringify({ keys: [{ kty: 'oct', k, kid: 's' }] }))
    const credentials = jwtCredentials({ key: await openKeySet(file) })
    const jwt = makeJwt(SECRET, {}, { kid: 's' })
    expect((await credentials.check(jwt)).isAdmitted).toBe(false)
  })

  it('refuses a key that is not known, and a known name with another key', async () => {
    const credentials = await byKeys(rsa)
    const stranger = rsaKeys('rsa')
    expect(await credentials.check(makeJwt(rsa, {}, { kid: 'new' }))).toMatchObject({
      why: 'a JWT signed with a key that is not known',
    })
    expect(await credentials.check(makeJwt(stranger, {}))).toMatchObject({
      why: 'a JWT with a wrong signature',
    })
  })

  it('tries each key where a JWT does not name one', async () => {
    const [first, second, third] = [rsaKeys('1'), rsaKeys('2'), rsaKeys('3')]
    const credentials = await byKeys(first, second)
    const nameless = (keys: KeyPair) => makeJwt(keys, { sub: 'x' }, { kid: undefined })
    expect((await credentials.check(nameless(first))).isAdmitted).toBe(true)
    expect((await credentials.check(nameless(second))).isAdmitted).toBe(true)
    expect(await credentials.check(nameless(third))).toMatchObject({
      why: 'a JWT with a wrong signature',
    })
    const expired = makeJwt(second, { exp: inSeconds(-60) }, { kid: undefined })
    expect(await credentials.check(expired)).toMatchObject({ why: 'an expired JWT' })
  })
})
