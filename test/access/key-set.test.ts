import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { jwtCredentials } from '../../src/access/jwt.ts'
import { openKeySet } from '../../src/access/key-set.ts'
import { makeJwt, rsaKeys } from '../support/jwt.ts'
import { endSessionsAfterEach, newFolder } from '../support/serve-session.ts'

endSessionsAfterEach()

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** An issuer that publishes what `body` gives, and how often it was asked. */
async function issuer(body: () => string | undefined) {
  const asked = { times: 0 }
  const server = createServer((_, response) => {
    asked.times++
    const text = body()
    response.statusCode = text === undefined ? 500 : 200
    response.end(text)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { asked, url: `http://127.0.0.1:${port}/jwks.json` }
}

describe('openKeySet', () => {
  const keys = rsaKeys('now')
  const published = JSON.stringify({ keys: [keys.jwk] })

  it('fetches keys from a URL when the first token comes, and once', async () => {
    const { asked, url } = await issuer(() => published)
    const credentials = jwtCredentials({ key: await openKeySet(url) })
    expect(asked.times).toBe(0)
    for (let i = 0; i < 5; i++) {
      expect((await credentials.check(makeJwt(keys, {}))).isAdmitted).toBe(true)
    }
    expect(asked.times).toBe(1)
  })

  it('does not fetch them again and again for keys that nobody knows', async () => {
    const { asked, url } = await issuer(() => published)
    const credentials = jwtCredentials({ key: await openKeySet(url) })
    for (let i = 0; i < 20; i++) {
      const verdict = await credentials.check(makeJwt(keys, {}, { kid: `guess ${i}` }))
      expect(verdict.isAdmitted).toBe(false)
    }
    expect(asked.times).toBe(1)
  })

  it('does not fetch them for what is no JWT, nor for an algorithm that is not allowed', async () => {
    const { asked, url } = await issuer(() => published)
    const credentials = jwtCredentials({ key: await openKeySet(url) })
    for (const text of ['x', 'a.b.c', makeJwt('secret', {})]) {
      expect((await credentials.check(text)).isAdmitted).toBe(false)
    }
    expect(asked.times).toBe(0)
  })

  it.each([
    ['an error', () => undefined],
    ['what is no key set', () => '{"keys": 7}'],
    ['what is no JSON', () => '<html>'],
  ])('lets nobody in when the issuer answers with %s', async (_, body) => {
    const { asked, url } = await issuer(body)
    const credentials = jwtCredentials({ key: await openKeySet(url) })
    for (let i = 0; i < 5; i++) {
      expect(await credentials.check(makeJwt(keys, {}))).toMatchObject({
        isAdmitted: false,
        why: expect.stringMatching(/cannot be checked/),
      })
    }
    // Anybody can show a token: that must not become requests to somebody else.
    expect(asked.times).toBe(1)
  })

  it('leaves an issuer that nobody reaches in peace for a while', async () => {
    const { url } = await issuer(() => published)
    await new Promise(resolve => servers.pop()?.close(resolve))
    const credentials = jwtCredentials({ key: await openKeySet(url) })
    const startedAt = performance.now()
    for (let i = 0; i < 100; i++) {
      expect((await credentials.check(makeJwt(keys, {}))).isAdmitted).toBe(false)
    }
    // A hundred attempts to connect would be as many failures in the log of somebody else.
    expect(performance.now() - startedAt).toBeLessThan(4000)
  })

  it('refuses what would come unprotected over the network', async () => {
    await expect(openKeySet('http://keys.example/jwks')).rejects.toMatchObject({
      code: 'ERR_USAGE',
      hints: [expect.stringContaining('https://keys.example/jwks')],
    })
    await expect(openKeySet('https://')).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('says at once when a file is missing, or no key set', async () => {
    const folder = newFolder()
    await expect(openKeySet(`${folder}/none`)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    for (const text of ['', '<html>', '{}', '{"keys":{}}']) {
      writeFileSync(`${folder}/jwks.json`, text)
      await expect(openKeySet(`${folder}/jwks.json`)).rejects.toMatchObject({ code: 'ERR_USAGE' })
    }
  })
})
