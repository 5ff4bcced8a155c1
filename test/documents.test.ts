import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manPages } from '../src/cli/documents/man-pages.ts'
import { fillReadme } from '../src/cli/documents/readme.ts'
import { readCommandLine } from '../src/cli/program.ts'
import { sockctlWords } from './support/definitions.ts'
import { hasPeer } from './support/peers.ts'

// `npm run documents` runs this file with --update, which writes what would fail here.

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const pages = await manPages()

describe('man/', () => {
  it.each([...pages])('has %s as the definitions make it', async (file, text) => {
    await expect(text).toMatchFileSnapshot(join(root, 'man', file))
  })

  it('has no other page', () => {
    expect(readdirSync(join(root, 'man')).filter(file => !pages.has(file))).toEqual([])
  })

  it('is listed in package.json, so that npm installs it', () => {
    const listed: string[] = JSON.parse(read('package.json')).man
    expect([...listed].sort()).toEqual([...pages.keys()].map(file => `man/${file}`).sort())
  })

  it.skipIf(!hasPeer('groff')).each([...pages])(
    'has nothing that groff warns of in %s',
    (_, text) => {
      const options = { input: text, encoding: 'utf8' } as const
      const shown = execFileSync('sh', ['-c', 'groff -man -ww -z 2>&1'], options)
      expect(shown).toBe('')
    },
  )
})

describe('README.md', () => {
  const readme = read('README.md')

  it('has its generated parts as the definitions make them', async () => {
    await expect(await fillReadme(readme)).toMatchFileSnapshot(join(root, 'README.md'))
  })

  it.each(commandLines(readme))('shows a command line that parses: %s', async line => {
    for (const words of sockctlWords(line)) {
      await expect(readCommandLine(words)).resolves.toBeDefined()
    }
  })

  it('shows a program that does what the text below it says', () => {
    const [, code = '', said = ''] = /```js\n(.*?)```\n\n(.*?)\n\n/s.exec(readme) ?? []
    const promised = /It prints (.*?)\./s.exec(said)?.[1]?.matchAll(/`(\w+)`/g) ?? []
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-readme-'))
    try {
      mkdirSync(join(folder, 'node_modules'))
      symlinkSync(root, join(folder, 'node_modules', 'sockctl'), 'junction')
      writeFileSync(join(folder, 'package.json'), '{}')
      writeFileSync(join(folder, 'example.mjs'), code)
      const printed = execFileSync(process.execPath, ['example.mjs'], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 10_000,
      })
      expect(printed.trim().split('\n')).toEqual([...promised].map(([, word]) => word))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each(links(readme))('links to something that is there: %s', target => {
    expect(leadsSomewhere(target, readme)).toBe(true)
  })
})

describe('CONTRIBUTING.md', () => {
  const contributing = read('CONTRIBUTING.md')
  const named = [...contributing.matchAll(/`((?:src|test|bin|man|\.ci)\/[\w./-]*)`/g)]

  it.each([...new Set(named.map(([, path = '']) => path))])(
    'names a file that is there: %s',
    path => {
      expect(existsSync(join(root, path))).toBe(true)
    },
  )

  it.each(links(contributing))('links to something that is there: %s', target => {
    expect(leadsSomewhere(target, contributing)).toBe(true)
  })

  it('names only scripts that package.json has', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
    const used = [...contributing.matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name)
    expect(used.filter(name => !scripts.includes(name))).toEqual([])
  })
})

/** The lines of a document that show somebody typing sockctl: after a prompt, or in a script. */
function commandLines(text: string): readonly string[] {
  const typed = [...text.matchAll(/^\$ (.*)$/gm)].map(([, line = '']) => line)
  const scripts = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => script)
  const lines = [...typed, ...scripts.flatMap(script => script.split('\n'))]
  return [...new Set(lines)].filter(line => sockctlWords(line).length > 0)
}

/** Links that stay in the repository. */
function links(text: string): readonly string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return [...new Set(targets)].filter(target => !/^[a-z]+:/.test(target))
}

/** Whether a link leads to a file, and to a heading in it (`#words`, `README.md#words`). */
function leadsSomewhere(target: string, own: string): boolean {
  const [file = '', heading] = target.split('#')
  if (file !== '' && !existsSync(join(root, file))) return false
  return heading === undefined || anchors(file === '' ? own : read(file)).includes(heading)
}

/** The anchors that GitHub gives to headings. */
function anchors(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => {
    const kept = title.toLowerCase().replace(/[^\w\s-]/g, '')
    return kept.trim().replace(/\s/g, '-')
  })
}
