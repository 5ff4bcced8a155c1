import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const DEADLINE_MS = 60_000
const tsc = resolve('node_modules/.bin/tsc')
const typeRoots = [resolve('node_modules/@types')]

/** What people get: the packed tarball, installed into an empty folder without the network. */
let folder: string
let installed: string
let manifest: { version: string; man: string[]; scripts: Record<string, string> }

beforeAll(async () => {
  manifest = JSON.parse(await readFile('package.json', 'utf8'))
  folder = await mkdtemp(join(tmpdir(), 'sockctl-package-'))
  await run('npm', ['pack', '--pack-destination', folder], process.cwd())
  await run('mv', [`sockctl-${manifest.version}.tgz`, 'x.tgz'])
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--omit=optional', '--ignore-scripts', './x.tgz'])
  installed = join(folder, 'node_modules/sockctl')
}, DEADLINE_MS)

afterAll(() => rm(folder, { recursive: true }))

describe('the package', () => {
  it('holds the command, the library, the man pages and nothing else', async () => {
    const files = await filesIn(installed)
    const surplus = files.filter(file => !/^(bin|dist|man)\//.test(file)).sort()
    expect(surplus).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
    expect(files.filter(file => !/\.(js|d\.ts|[1-9]|md|json)$/.test(file)).sort()).toEqual([
      'LICENSE',
      'dist/THIRD-PARTY-NOTICES',
    ])
    expect(files).toEqual(expect.arrayContaining(manifest.man))
  })

  it('names the licence of every package that is built into it', async () => {
    const notices = await readFile(join(installed, 'dist/THIRD-PARTY-NOTICES'), 'utf8')
    for (const name of ['commander', 'chalk', 'cli-table3', 'systeminformation']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, 'm'))
    }
  })

  it('has no module in a function of its own, which would be read twice at every start', async () => {
    const names = await readdir(join(installed, 'dist'))
    // What makes certificates is one circle of modules, and loaded for nothing else.
    const scripts = names.filter(name => name.endsWith('.js') && name !== '@peculiar-x509.js')
    const wrapped: string[] = []
    for (const name of scripts) {
      if (/__esm\b/.test(await readFile(join(installed, 'dist', name), 'utf8'))) wrapped.push(name)
    }
    expect(scripts).toContain('cli-commands-inspect.js')
    expect(wrapped).toEqual([])
  })

  it('needs no install script and brings no other package but the optional koffi', async () => {
    const { scripts, ...rest } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(Object.keys(scripts).filter(name => /install$/.test(name))).toEqual([])
    expect(rest.dependencies).toBeUndefined()
    expect(Object.keys(rest.optionalDependencies)).toEqual(['koffi'])
    await expect(readdir(join(folder, 'node_modules'))).resolves.toEqual(
      expect.not.arrayContaining(['koffi', 'commander']),
    )
  })
})

describe('the installed command', () => {
  it('runs as sockctl', async () => {
    await expect(run('npx', ['sockctl', '--version'])).resolves.toBe(`${manifest.version}\n`)
  })

  it('runs by npx from the tarball', async () => {
    const words = ['-y', '--omit=optional', '-p', './x.tgz', 'sockctl', '--version']
    await expect(run('npx', words)).resolves.toBe(`${manifest.version}\n`)
  })

  it('loads every command', async () => {
    const help = await run('npx', ['sockctl', '--help'])
    const commands = [...help.matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)].map(match => `${match[1]}`)
    expect(commands).toEqual(expect.arrayContaining(['serve', 'connect', 'udp', 'inspect']))
    const texts = await Promise.all(commands.map(command => bin([command, '--help'])))
    for (const [index, text] of texts.entries())
      expect(text).toContain(`sockctl ${commands[index]}`)
  })

  it.skipIf(process.platform !== 'linux')(
    'inspects without koffi, and by it where it is',
    async () => {
      await expect(sourceOfInspect()).resolves.toBe('procfs')
      for (const name of ['koffi', '@koromix']) {
        await cp(join('node_modules', name), join(folder, 'node_modules', name), {
          recursive: true,
        })
      }
      await expect(sourceOfInspect()).resolves.toBe('sock-diag')
    },
  )
})

describe('the installed library', () => {
  it('is loaded by require and by import, with the same classes', async () => {
    await writeFile(
      join(folder, 'use.mjs'),
      `import { createRequire } from 'node:module'
       import { parseEndpoint, SockctlError } from 'sockctl'
       const required = createRequire(import.meta.url)('sockctl')
       try { required.parseEndpoint('nope://x') } catch (error) {
         console.log(parseEndpoint('tcp://[::1]:80').port, error instanceof SockctlError, error.code)
       }`,
    )
    await expect(run(process.execPath, ['use.mjs'])).resolves.toBe('80 true ERR_USAGE\n')
  })

  it('serves and dials', async () => {
    await writeFile(
      join(folder, 'echo.mjs'),
      `import { text } from 'node:stream/consumers'
       import { dial, echo, parseEndpoint, serve } from 'sockctl'
       const session = await serve({ endpoints: [parseEndpoint('tcp://127.0.0.1:0')], handler: echo() })
       const { port } = session.addresses[0]
       const { duplex } = await dial(parseEndpoint('tcp://127.0.0.1:' + port), {})
       duplex.end('hello')
       console.log(await text(duplex))
       session.stop()
       await session.over`,
    )
    await expect(run(process.execPath, ['echo.mjs'])).resolves.toBe('hello\n')
  })

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for module %s, resolution %s', async (module, moduleResolution) => {
    await writeFile(
      join(folder, 'use.mts'),
      `import { echo, parseEndpoint, serve, SockctlError, type Endpoint } from 'sockctl'
       const endpoint: Endpoint = parseEndpoint('tcp://:80')
       export const session = serve({ endpoints: [endpoint], handler: echo() })
       export const isUsage = (error: SockctlError): boolean => error.code === 'ERR_USAGE'
       // @ts-expect-error: a handler is no string, if types are known at all
       serve({ endpoints: [endpoint], handler: 'echo' })`,
    )
    const compilerOptions = { module, moduleResolution, typeRoots, types: ['node'] }
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { ...compilerOptions, target: 'es2023', strict: true, noEmit: true },
        files: ['use.mts'],
      }),
    )
    await expect(run(tsc, ['-p', folder])).resolves.toBe('')
  })
})

/** Runs a program in the folder and returns its stdout; npm has no network and a cache of its own. */
async function run(file: string, words: readonly string[], cwd = folder): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))
  const env = {
    ...Object.fromEntries(inherited),
    npm_config_offline: 'true',
    npm_config_cache: join(folder, '.npm'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
  const { stdout } = await promisify(execFile)(file, words, { cwd, env })
  return stdout
}

function bin(words: readonly string[]): Promise<string> {
  return run(process.execPath, ['node_modules/sockctl/bin/sockctl.js', ...words])
}

async function sourceOfInspect(): Promise<string> {
  return JSON.parse(await bin(['inspect', '--json'])).source
}

async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  return files.map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
}
