import { writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../../../src/address.ts'
import type { AccessFlags } from '../../../../src/cli/commands/access-options.ts'
import { readAccess } from '../../../../src/cli/commands/serve/access.ts'
import { fakeContext, run } from '../../../support/context.ts'
import { makeJwt, rsaKeys } from '../../../support/jwt.ts'
import { endSessionsAfterEach, newFolder } from '../../../support/serve-session.ts'

endSessionsAfterEach()

const SECRET = 'a secret of at least thirty-two bytes'

async function read(flags: AccessFlags & { readonly quiet?: true }) {
  const context = fakeContext({ env: { TOKENS: 'alice:one\nbob:two', SECRET, SHORT: 'short' } })
  return { plan: await readAccess(flags, context), context }
}

describe('readAccess', () => {
  it('asks nobody for anything unless it is told to', async () => {
    const { plan } = await read({})
    expect(plan.listen.admit).toBeUndefined()
    expect(plan.listen.credentials).toBeUndefined()
    expect(plan.mayStay).toBeUndefined()
    expect(plan.reload).toBeUndefined()
  })

  it('counts the clients of a load balancer, not itself', async () => {
    const { admit } = (await read({ maxConnsPerIp: 1 })).plan.listen
    const [proxy, client] = [inetAddress('10.0.0.1', 1), inetAddress('10.0.0.7', 1)]
    const ask = (remote: typeof proxy, isProxy: boolean) =>
      admit?.(remote, new PassThrough(), isProxy)
    expect([ask(proxy, true), ask(client, false)]).toEqual([undefined, undefined])
    expect([ask(proxy, true), ask(client, false)]).toEqual([undefined, 'too-many'])
  })

  it('lets those speak for others who may, and nobody else', async () => {
    const flags = { acceptProxyFrom: ['10.0.0.1'], allow: ['192.0.2.0/24'], deny: ['192.0.2.9'] }
    const { admit } = (await read(flags)).plan.listen
    const ask = (host: string, isProxy: boolean) =>
      admit?.(inetAddress(host, 1), new PassThrough(), isProxy)
    expect(ask('10.0.0.1', true)).toBeUndefined()
    expect(ask('192.0.2.7', false)).toBeUndefined()
    // Who may come in by himself may not say that he is somebody else.
    expect(ask('192.0.2.7', true)).toBe('denied')
    // Nor is a proxy a client that may in.
    expect(ask('10.0.0.1', false)).toBe('denied')
    expect(ask('192.0.2.9', false)).toBe('denied')
    expect(admit?.({ family: 'unix', path: '' }, new PassThrough(), true)).toBeUndefined()
  })

  it('reads several tokens from one variable', async () => {
    const { credentials } = (await read({ token: ['env:TOKENS'] })).plan.listen
    expect(await credentials?.check('one')).toMatchObject({ user: 'alice' })
    expect(await credentials?.check('two')).toMatchObject({ user: 'bob' })
    expect(await credentials?.check('three')).toEqual({ isAdmitted: false, why: 'wrong token' })
  })

  it('takes a token, a JWT by a secret and one by a key for each other', async () => {
    const keys = rsaKeys('k')
    const jwks = `${newFolder()}/jwks.json`
    writeFileSync(jwks, JSON.stringify({ keys: [keys.jwk] }))
    const { plan } = await read({
      token: ['env:TOKENS'],
      jwtSecret: 'env:SECRET',
      jwks,
      jwtIssuer: 'we',
      jwtAudience: 'door',
    })
    const { credentials } = plan.listen
    const claims = { iss: 'we', aud: 'door', sub: 'carol' }
    for (const key of [SECRET, keys]) {
      expect(await credentials?.check(makeJwt(key, claims))).toMatchObject({ user: 'carol' })
      expect(await credentials?.check(makeJwt(key, {}))).toMatchObject({ isAdmitted: false })
    }
    expect(await credentials?.check('one')).toMatchObject({ user: 'alice' })
    // The key of the one is none of the other.
    const forged = makeJwt(JSON.stringify(keys.jwk), claims, { kid: 'k' })
    expect(await credentials?.check(forged)).toMatchObject({ isAdmitted: false })
  })

  it('warns of a secret that could be guessed', async () => {
    const { context } = await read({ jwtSecret: 'env:SHORT' })
    expect(context.stderr.text).toMatch(/^warning: --jwt-secret: shorter than 32 bytes/)
    expect((await read({ jwtSecret: 'env:SHORT', quiet: true })).context.stderr.text).toBe('')
    expect((await read({ jwtSecret: 'env:SECRET' })).context.stderr.text).toBe('')
  })

  it('asks for the address before it counts', async () => {
    const { plan } = await read({ deny: ['192.0.2.1'], maxConnsPerIp: 1 })
    const admit = (host: string) =>
      plan.listen.admit?.(inetAddress(host, 1), { once: () => {} } as never)
    expect([admit('192.0.2.1'), admit('192.0.2.2'), admit('192.0.2.2')]).toEqual([
      'denied',
      undefined,
      'too-many',
    ])
  })

  it('reads files again, and has the session look only where that is wished', async () => {
    const allow = `${newFolder()}/allow`
    writeFileSync(allow, '192.0.2.0/24\n')
    for (const recheck of [undefined, true] as const) {
      const { plan, context } = await read({ allowFile: [allow], ...(recheck && { recheck }) })
      let looks = 0
      const session = { recheck: () => looks++ }
      plan.reload?.(session)
      expect(looks).toBe(recheck ? 1 : 0)
      expect(context.stderr.text).toBe('read again who may come in\n')
      writeFileSync(allow, '192.0.2.0/24\nnobody\n')
      plan.reload?.(session)
      expect(context.stderr.text).toContain(`${allow}, line 2: `)
      expect(looks).toBe(recheck ? 1 : 0)
      expect(plan.mayStay?.(inetAddress('192.0.2.9', 1))).toBe(true)
      writeFileSync(allow, '192.0.2.0/24\n')
    }
  })
})

describe('sockctl serve', () => {
  it.each([
    [['--jwt-issuer', 'x'], 2, '--jwt-issuer goes with'],
    [['--jwt-audience', 'x'], 2, '--jwt-audience goes with'],
    [['--token', 'env:X', '--jwt-audience', 'x'], 2, 'go with --jwt-secret or --jwks'],
    [['--auth-timeout', '1s'], 2, '--auth-timeout goes with'],
    [['--recheck'], 2, '--recheck goes with'],
    [['--token', 'env:NONE'], 3, 'the environment has no NONE'],
    [['--token', 'env:COMMENT'], 2, 'lets everybody in'],
    [['--jwks', '/nowhere/keys'], 3, '/nowhere/keys'],
    [['--jwks', 'http://keys.example/'], 2, 'could be replaced on the way'],
    [['--allow-file', '/nowhere/list'], 3, '/nowhere/list'],
    [['--rate-conns', '10'], 2, 'Write 10/s'],
    [['--exec', 'true', '--public'], 2, 'Say who may'],
    [['--exec', 'true', '0.0.0.0:0'], 2, 'on tcp://0.0.0.0:0 would run a command for anyone'],
    [['--socks-proxy', '[::]:0'], 2, 'on tcp://[::]:0 would open connections for anyone'],
  ])('refuses %j', async (argv, code, text) => {
    const env = { X: 'x', COMMENT: '# none' }
    const outcome = await run(['serve', ...argv], { env })
    expect(outcome.stderr).toContain(text)
    expect(outcome.code).toBe(code)
  })
})
