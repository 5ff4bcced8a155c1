import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { certificateFor } from '../support/certificates.ts'
import { endDaemonsAfterEach, portForDaemon, startDaemon } from '../support/daemon.ts'
import { hasPeer, hasPeerFile } from '../support/peers.ts'
import { readAll } from '../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, newFolder } from '../support/serve-session.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'
import { startTlsServe } from '../support/tls-serve.ts'

endDaemonsAfterEach()
endSessionsAfterEach()
closeServersAfterEach()

const run = promisify(execFile)
const LOGIN = { env: { LOGIN: 'me:secret' } }

const servers: Sockctl[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

/** `sockctl serve` on a free port of 127.0.0.1. */
async function serve(...argv: readonly string[]): Promise<{ server: Sockctl; port: number }> {
  const started = await startServe(['tcp://127.0.0.1:0', ...argv], LOGIN)
  servers.push(started.server)
  return started
}

/** A server that greets and ends. */
async function greeting(): Promise<number> {
  return (await tcpServer(socket => socket.resume().end('hello\n'))).port
}

/** A server of HTTP that says hello. */
async function web(): Promise<number> {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello'
  return (await tcpServer(socket => socket.once('data', () => socket.end(answer)))).port
}

describe('connect through the proxies of others', () => {
  it.skipIf(!hasPeer('microsocks'))('microsocks', async () => {
    const port = await portForDaemon()
    await startDaemon(
      ['microsocks', '-i', '127.0.0.1', '-p', `${port}`, '-u', 'me', '-P', 'secret'],
      port,
    )
    const to = `127.0.0.1:${await greeting()}`
    for (const scheme of ['socks5', 'socks5h']) {
      const proxy = `${scheme}://env:LOGIN@127.0.0.1:${port}`
      // It breaks off both ways at the end of one: ours is not told.
      expect(await sockctl(['connect', '-d', '-x', proxy, to], LOGIN)).toEqual({
        code: 0,
        stdout: 'hello\n',
        stderr: '',
      })
    }
    const proxy = `socks5://127.0.0.1:${port}`
    const stranger = await sockctl(['connect', '-x', proxy, to])
    expect(stranger).toMatchObject({ code: 6, stderr: expect.stringContaining('--proxy-auth') })
    const nobody = ['connect', '-x', proxy, '--proxy-auth', 'env:LOGIN', '127.0.0.1:1']
    expect((await sockctl(nobody, LOGIN)).code).toBe(4)
  })

  it.skipIf(!hasPeer('tinyproxy'))('tinyproxy', async () => {
    const [port, target] = [await portForDaemon(), await greeting()]
    const config = `${newFolder()}/tinyproxy.conf`
    const lines = ['Listen 127.0.0.1', `Port ${port}`, `ConnectPort ${target}`, 'ConnectPort 1']
    writeFileSync(config, [...lines, 'BasicAuth me secret', ''].join('\n'))
    await startDaemon(['tinyproxy', '-d', '-c', config], port)
    const connect = (host: string, ...more: string[]) =>
      sockctl(['connect', '-X', 'connect', '-x', `127.0.0.1:${port}`, ...more, host], LOGIN)
    const login = ['--proxy-auth', 'env:LOGIN']
    expect(await connect(`127.0.0.1:${target}`, ...login)).toMatchObject({
      code: 0,
      stdout: 'hello\n',
    })
    expect(await connect(`127.0.0.1:${target}`)).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/407 .*\n.*--proxy-auth env:NAME/),
    })
    expect((await connect('127.0.0.1:2', ...login)).stderr).toContain('403')
  })

  it.skipIf(!hasPeer('ncat'))('ncat', async () => {
    const port = await portForDaemon()
    await startDaemon(['ncat', '-lk', '127.0.0.1', `${port}`, '--proxy-type', 'http'], port)
    const to = `127.0.0.1:${await greeting()}`
    const outcome = await sockctl(['connect', '-x', `http://127.0.0.1:${port}`, to, '-d'])
    expect(outcome).toMatchObject({ code: 0, stdout: 'hello\n' })
  })
})

describe('serve as a proxy, for the clients of others', () => {
  it.skipIf(!hasPeer('curl'))('curl', async () => {
    const [socks, http, target] = [
      await serve('--socks-proxy'),
      await serve('--http-proxy'),
      await web(),
    ]
    const proxies = ['socks4', 'socks4a', 'socks5', 'socks5h'].map(one => [
      '-x',
      `${one}://127.0.0.1:${socks.port}`,
    ])
    for (const proxy of [...proxies, ['-p', '-x', `http://127.0.0.1:${http.port}`]]) {
      const { stdout } = await run('curl', ['-sS', ...proxy, `http://localhost:${target}/`])
      expect(stdout).toBe('hello')
    }
  })

  it.skipIf(!hasPeer('curl'))('curl, with a user and password', async () => {
    const target = await web()
    for (const [handler, scheme] of [
      ['--socks-proxy', 'socks5h'],
      ['--http-proxy', 'http'],
    ] as const) {
      const { port } = await serve(handler, '--proxy-auth', 'env:LOGIN')
      const ask = (login: string) =>
        run('curl', [
          '-sS',
          '-p',
          '-x',
          `${scheme}://${login}@127.0.0.1:${port}`,
          `127.0.0.1:${target}`,
        ])
      expect((await ask('me:secret')).stdout).toBe('hello')
      await expect(ask('me:wrong')).rejects.toThrow()
    }
  })

  it.skipIf(!hasPeer('nc.openbsd'))('nc of OpenBSD', async () => {
    const [socks, http, target] = [
      await serve('--socks-proxy'),
      await serve('--http-proxy'),
      await greeting(),
    ]
    for (const [protocol, { port }] of [
      ['4', socks],
      ['5', socks],
      ['connect', http],
    ] as const) {
      const args = ['-d', '-X', protocol, '-x', `127.0.0.1:${port}`, '127.0.0.1', `${target}`]
      expect((await run('nc.openbsd', args)).stdout).toBe('hello\n')
    }
  })
})

describe('ssh', () => {
  const hasSsh = hasPeer('ssh') && hasPeer('sshd') && hasPeer('ssh-keygen')
  it.skipIf(!hasSsh || process.getuid?.() !== 0)(
    'goes through connect --proxy, serve --socks-proxy and serve --forward',
    async () => {
      const [folder, port] = [newFolder(), await portForDaemon()]
      mkdirSync('/run/sshd', { recursive: true })
      for (const name of ['host', 'user']) {
        await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/${name}`])
      }
      chmodSync(folder, 0o700)
      const config = `${folder}/sshd_config`
      const lines = [
        `HostKey ${folder}/host`,
        `AuthorizedKeysFile ${folder}/user.pub`,
        'StrictModes no',
        'PermitRootLogin yes',
        'PidFile none',
      ]
      writeFileSync(config, lines.join('\n'))
      const { stdout: sshd } = await run('which', ['sshd'])
      const args = ['-D', '-e', '-f', config, '-o', 'ListenAddress=127.0.0.1', '-p', `${port}`]
      await startDaemon([sshd.trim(), ...args], port)
      const proxy = await serve('--socks-proxy')
      const forward = await serve('--forward', `127.0.0.1:${port}`)
      const sockctlWords = `${process.execPath} ${process.cwd()}/bin/sockctl.js`
      const through = `${sockctlWords} connect -x socks5://127.0.0.1:${proxy.port} %h %p`
      const ssh = (to: number, ...more: string[]) =>
        run('ssh', [
          ...['-F', 'none', '-i', `${folder}/user`, '-p', `${to}`, '-o', 'BatchMode=yes'],
          ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
          ...['-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR', ...more],
          ...[`${userInfo().username}@127.0.0.1`, 'head -c 3000000 /dev/zero | wc -c'],
        ])
      expect((await ssh(port, '-o', `ProxyCommand=${through}`)).stdout).toBe('3000000\n')
      expect((await ssh(forward.port)).stdout).toBe('3000000\n')
    },
  )
})

describe('the PROXY protocol', () => {
  const WHO = '%[src]:%[src_port]'

  it.skipIf(!hasPeer('haproxy'))('is what haproxy sends, and what it takes', async () => {
    const config = `${newFolder()}/haproxy.cfg`
    const behind = await serve('--accept-proxy', '--exec', 'printenv SOCKCTL_REMOTE_PORT')
    const [one, two, three] = [await portForDaemon(), await portForDaemon(), await portForDaemon()]
    writeFileSync(
      config,
      `
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen v1
  bind 127.0.0.1:${one}
  server s 127.0.0.1:${behind.port} send-proxy
listen v2
  bind 127.0.0.1:${two}
  server s 127.0.0.1:${behind.port} send-proxy-v2 check
frontend who
  mode http
  bind 127.0.0.1:${three} accept-proxy
  http-request return status 200 content-type text/plain lf-string "${WHO}"
`,
    )
    await startDaemon(['haproxy', '-db', '-f', config], two)
    for (const port of [one, two]) {
      const client = await dialRaw(port)
      const { localPort } = client
      expect(String(await readAll(client))).toBe(`${localPort}\n`)
    }
    await asksWho(three)
  })

  it.skipIf(!hasPeer('haproxy') || !hasPeer('openssl'))(
    'tells by its fields how a client came to haproxy',
    async () => {
      const folder = newFolder()
      const { cert, key, ca } = await certificateFor(['web.example'])
      writeFileSync(`${folder}/pem`, `${cert}\n${key}`, { mode: 0o600 })
      writeFileSync(`${folder}/ca`, ca)
      const from = ['--accept-proxy-from', '127.0.0.1']
      const { server, port } = await serve(...from, '--reply', 'hello\\n')
      const secure = await portForDaemon()
      const config = `${folder}/haproxy.cfg`
      writeFileSync(
        config,
        `
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend secure
  bind 127.0.0.1:${secure} ssl crt ${folder}/pem alpn echo
  unique-id-format id-%pid-%rt
  default_backend ours
backend ours
  server s 127.0.0.1:${port} send-proxy-v2 proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,unique-id,crc32c
`,
      )
      await startDaemon(['haproxy', '-db', '-f', config], secure)
      const client = [
        ...['connect', `tls://127.0.0.1:${secure}`, '--ca', `${folder}/ca`, '--alpn', 'echo'],
        ...['--tls-name', 'web.example', '-d', '-v'],
      ]
      const outcome = await sockctl(client)
      expect(outcome).toMatchObject({ code: 0, stdout: 'hello\n' })
      const [, local] = /from (\S+)/.exec(outcome.stderr) ?? []
      const [line] = await server.says('stderr', new RegExp(`#\\d+ open +${local} .*\n`))
      for (const fact of [
        'alpn echo',
        'authority web.example',
        'tls 1.3',
        'cipher TLS_AES_256_GCM_SHA384',
        'key EC256',
        'signature ecdsa-with-SHA256',
      ]) {
        expect(line).toContain(fact)
      }
      expect(line).toMatch(/unique-id id-\d+/)
    },
  )

  const streams = '/usr/lib/nginx/modules/ngx_stream_module.so'
  it.skipIf(!hasPeer('nginx') || !hasPeerFile(streams))('is what nginx sends', async () => {
    const [folder, port] = [newFolder(), await portForDaemon()]
    const behind = await serve(
      ...['--accept-proxy-from', '127.0.0.1', '--exec', 'printenv SOCKCTL_REMOTE_PORT'],
    )
    const config = `${folder}/nginx.conf`
    writeFileSync(
      config,
      `
load_module ${streams};
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events {}
stream {
  server {
    listen 127.0.0.1:${port};
    proxy_pass 127.0.0.1:${behind.port};
    proxy_protocol on;
  }
}
`,
    )
    await startDaemon(['nginx', '-c', config], port)
    for (const _ of [1, 2]) {
      const client = await dialRaw(port)
      const { localPort } = client
      expect(String(await readAll(client))).toBe(`${localPort}\n`)
    }
  })

  it.skipIf(!hasPeer('nginx'))('is what nginx takes', async () => {
    const [folder, port] = [newFolder(), await portForDaemon()]
    const config = `${folder}/nginx.conf`
    writeFileSync(
      config,
      `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} proxy_protocol;
    location / { return 200 "$proxy_protocol_addr:$proxy_protocol_port"; }
  }
}
`,
    )
    await startDaemon(['nginx', '-c', config], port)
    await asksWho(port)
  })

  /** By itself, and for the client of a forwarder. */
  async function asksWho(port: number): Promise<void> {
    const request = 'GET / HTTP/1.0\r\nHost: x\r\n\r\n'
    for (const version of ['v1', 'v2']) {
      const own = ['connect', '-v', '--send-proxy', version, `127.0.0.1:${port}`]
      const outcome = await sockctl(own, { stdin: request })
      const [, from] = /from (127\.0\.0\.1:\d+)/.exec(outcome.stderr) ?? []
      expect(outcome.stdout.split('\r\n\r\n')[1]).toBe(from)
      const forward = await serve('--forward', `127.0.0.1:${port}`, '--send-proxy', version)
      const client = await dialRaw(forward.port)
      const { localPort } = client
      client.write(request)
      expect(String(await readAll(client)).split('\r\n\r\n')[1]).toBe(`127.0.0.1:${localPort}`)
    }
  }
})

describe('serve --forward', () => {
  it.skipIf(!hasPeer('redis-server') || !hasPeer('redis-cli'))(
    'carries redis, and what is under TLS in front of it',
    async () => {
      const port = await portForDaemon()
      const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', newFolder()]
      await startDaemon(['redis-server', ...args], port)
      const forward = await serve('--forward', `127.0.0.1:${port}`)
      const cli = (...words: string[]) => run('redis-cli', ['-p', `${forward.port}`, ...words])
      expect((await cli('set', 'key', 'x'.repeat(100_000))).stdout).toBe('OK\n')
      expect((await cli('strlen', 'key')).stdout).toBe('100000\n')
      const secure = await startTlsServe(['tcp://127.0.0.1:0', '--forward', `127.0.0.1:${port}`])
      servers.push(secure.server)
      const tls = ['-p', `${secure.port}`, '--tls', '--cacert', secure.ca, '--sni', 'localhost']
      expect((await run('redis-cli', [...tls, 'strlen', 'key'])).stdout).toBe('100000\n')
    },
  )

  it.skipIf(!hasPeer('git'))('carries git', async () => {
    const [folder, port] = [newFolder(), await portForDaemon()]
    const git = (...words: string[]) =>
      run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-C', folder, ...words])
    await git('init', '-q', 'from')
    writeFileSync(`${folder}/from/file`, 'x'.repeat(500_000))
    await git('-C', 'from', 'add', '.')
    await git('-C', 'from', 'commit', '-qm', 'one')
    const args = ['--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, '--export-all']
    // The command git would leave it behind as a child.
    const { stdout: path } = await run('git', ['--exec-path'])
    await startDaemon([`${path.trim()}/git-daemon`, ...args, `--base-path=${folder}`, folder], port)
    const forward = await serve('--forward', `127.0.0.1:${port}`)
    await git('clone', '-q', `git://127.0.0.1:${forward.port}/from`, 'to')
    expect((await git('-C', 'to', 'log', '--format=%s')).stdout).toBe('one\n')
  })

  it.skipIf(!hasPeer('rsync'))('carries rsync', async () => {
    const [folder, port] = [newFolder(), await portForDaemon()]
    mkdirSync(`${folder}/from`)
    writeFileSync(`${folder}/from/file`, 'x'.repeat(500_000))
    const config = `${folder}/rsyncd.conf`
    writeFileSync(config, `use chroot = no\n[from]\npath = ${folder}/from\n`)
    const args = ['--daemon', '--no-detach', '--address=127.0.0.1', `--port=${port}`]
    await startDaemon(['rsync', ...args, `--config=${config}`], port)
    const forward = await serve('--forward', `127.0.0.1:${port}`)
    await run('rsync', ['-a', `rsync://127.0.0.1:${forward.port}/from/`, `${folder}/to/`])
    expect((await run('wc', ['-c', `${folder}/to/file`])).stdout).toMatch(/^500000 /)
  })
})
