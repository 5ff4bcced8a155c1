import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../src/cli/commands/index.ts'
import { readFlags } from '../src/cli/documents/option-flags.ts'
import { ENDPOINT_ROWS } from '../src/cli/topics/endpoints.ts'
import { SCHEMES } from '../src/endpoint/parse.ts'
import { HANDLERS } from '../src/handlers/index.ts'
import { optionsOf } from './support/definitions.ts'
import { type Import, type SourceFile, SRC, sourceFiles } from './support/source-files.ts'

/** What everything may use. */
const FOUNDATION = ['address.ts', 'errors.ts', 'ip-bytes.ts', 'terminal-text.ts', 'units.ts']

/** Which folder (or file of src/) may import from which others. Below itself everything may. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli'],
  'index.ts': [
    'access',
    'channel',
    'datagram',
    'endpoint',
    'handlers',
    'inspect',
    'layers',
    'proxy',
    'relay',
    'session',
    'transports',
  ],
  // Only the command line knows all the rest, and nobody but main knows the command line.
  cli: [
    'access',
    'channel',
    'datagram',
    'endpoint',
    'handlers',
    'inspect',
    'layers',
    'proxy',
    'relay',
    'session',
    'transports',
  ],
  session: ['access', 'channel', 'endpoint', 'handlers', 'layers', 'transports'],
  datagram: ['access', 'channel', 'endpoint', 'native', 'transports'],
  // A handler is given a function to dial with, so that it works over any transport.
  handlers: ['channel', 'endpoint', 'proxy', 'relay'],
  // What a handshake has to ask of a peer.
  transports: ['access', 'channel', 'endpoint', 'native', 'proxy'],
  layers: ['channel', 'endpoint'],
  relay: ['channel'],
  // What the two ends of a proxy's protocol share.
  proxy: ['channel', 'endpoint'],
  access: [],
  channel: [],
  endpoint: [],
  // Looking at sockets and making them are two programs that share a terminal.
  inspect: ['native'],
  native: [],
  ...Object.fromEntries(FOUNDATION.map(file => [file, []])),
}

/** Packages that cost start-up time, or may be missing: only `await import()`, where they are used. */
const ON_USE = [
  'koffi',
  'chalk',
  'cli-table3',
  'systeminformation',
  'jose',
  'ws',
  'socket.io',
  'socket.io-client',
  '@peculiar/x509',
  'reflect-metadata',
]

/** Packages that belong to one part. */
const BELONGS_TO: Readonly<Record<string, string>> = {
  commander: 'cli',
  chalk: 'cli',
  koffi: 'native',
  ws: 'transports',
  'socket.io': 'transports',
  'socket.io-client': 'transports',
  jose: 'access',
  '@peculiar/x509': 'transports',
  'reflect-metadata': 'transports',
}

/** Folders of which every member has one outline: `types.ts`, `index.ts`, a file per member. */
const AXES = [
  'transports',
  'transports/tls/starttls',
  'layers',
  'handlers',
  'inspect/sources',
  'inspect/rules',
  'cli/commands',
  'cli/topics',
  'cli/completion',
]

const files = sourceFiles()
const byPath = new Map(files.map(file => [file.path, file]))

describe('src/', () => {
  it('has only parts whose place is decided here', () => {
    const parts = [...new Set(files.map(file => partOf(file.path)))]
    expect(parts.filter(part => !(part in MAY_IMPORT))).toEqual([])
  })

  it('imports in the right direction only', () => {
    const wrong = everyImport().filter(({ from, isOwn, target }) => {
      const part = partOf(from)
      const allowed = [part, ...FOUNDATION, ...(MAY_IMPORT[part] ?? [])]
      return isOwn && !allowed.includes(partOf(target))
    })
    expect(wrong).toEqual([])
  })

  it('loads a package where it belongs, and a heavy one only when it is used', () => {
    const packages = everyImport().filter(one => !one.isOwn && one.kind !== 'type')
    expect(packages.filter(one => one.kind === 'static' && ON_USE.includes(one.target))).toEqual([])
    const astray = packages.filter(({ from, target }) => {
      const home = BELONGS_TO[target]
      return home !== undefined && home !== partOf(from)
    })
    expect(astray).toEqual([])
  })

  it('has no circle of imports', () => {
    expect(files.map(circleFrom).find(circle => circle !== undefined)).toBeUndefined()
  })

  it('has no file of more than 250 lines', () => {
    const lines = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    expect(lines.filter(file => file.lines > 250)).toEqual([])
  })

  it('has names that say something', () => {
    const nameless = /\b(utils?|helpers?|common|misc)\b/
    const kebab = /^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/
    const paths = files.map(file => file.path)
    expect(paths.filter(path => nameless.test(path) || !kebab.test(path))).toEqual([])
  })

  it('neither ends the process nor writes past its context', () => {
    const forbidden =
      /\bprocess\s*\.\s*(exit|exitCode|abort)\b|\bconsole\s*\.|\bas any\b|@ts-ignore/
    const found = files.map(({ path, text }) => ({
      path,
      found: forbidden.exec(withoutComments(text))?.[0],
    }))
    expect(found.filter(one => one.found !== undefined)).toEqual([])
  })

  it('is read here as the compiler reads it', async () => {
    const { metafile } = await build({
      entryPoints: ['main.ts', 'index.ts'],
      absWorkingDir: SRC,
      outdir: 'unused',
      platform: 'node',
      loader: { '.html': 'text', '.css': 'text', '.browser.js': 'text' },
      packages: 'external',
      format: 'esm',
      splitting: true,
      bundle: true,
      write: false,
      metafile: true,
    })
    for (const [path, { imports }] of Object.entries(metafile.inputs)) {
      const ours = byPath.get(path)?.imports.map(one => one.target)
      expect(ours).toEqual(expect.arrayContaining(imports.map(one => one.path)))
    }
  })
})

describe.each(AXES)('the axis %s', axis => {
  const members = readdirSync(join(SRC, axis)).filter(name => name.endsWith('.ts'))

  it('says what a member is, and has a table of them', () => {
    expect(members).toEqual(expect.arrayContaining(['types.ts', 'index.ts']))
  })

  it('registers every file that lies in it', () => {
    const reached = reachableWithin(`${axis}/index.ts`, `${axis}/`)
    const loose = members.filter(name => name !== 'types.ts' && !reached.has(`${axis}/${name}`))
    expect(loose).toEqual([])
  })
})

describe('schemes', () => {
  it('have a line of help each', () => {
    expect(ENDPOINT_ROWS.map(([term]) => term.split(':')[0])).toEqual([...SCHEMES])
  })
})

describe('handlers', () => {
  it('can all be asked for with serve', async () => {
    const options = optionsOf(await COMMANDS.serve.load()).map(option => readFlags(option).long)
    expect(options).toEqual(expect.arrayContaining(Object.keys(HANDLERS).map(name => `--${name}`)))
  })
})

describe('test/', () => {
  it('mirrors src/; what lies on top may test the project as a whole', () => {
    const lost = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.test.ts') && !/^(e2e|bench|support)\b/.test(path))
      .filter(path => path.includes(sep))
      // `x-bin.test.ts` is what `x.test.ts` cannot try in process: the same through the built bin.
      .filter(path => !byPath.has(path.replace(/(-bin)?\.test\.ts$/, '.ts')))
    expect(lost).toEqual([])
  })
})

function partOf(path: string): string {
  return path.split('/')[0] ?? path
}

function everyImport(): readonly (Import & { readonly from: string })[] {
  return files.flatMap(({ path, imports }) => imports.map(one => ({ from: path, ...one })))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}

/** The files that a file leads to through imports that are made while it is loaded. */
function circleFrom(start: SourceFile): readonly string[] | undefined {
  const walk = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return path === start.path ? [...trail, path] : undefined
    for (const { target, isOwn, kind } of byPath.get(path)?.imports ?? []) {
      if (!isOwn || kind !== 'static') continue
      const circle = walk(target, [...trail, path])
      if (circle !== undefined) return circle
    }
    return undefined
  }
  return walk(start.path, [])
}

/** The files of a folder that can be reached from one of them, by imports of any kind. */
function reachableWithin(start: string, folder: string): ReadonlySet<string> {
  const reached = new Set([start])
  for (const path of reached) {
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (target.startsWith(folder)) reached.add(target)
    }
  }
  return reached
}
