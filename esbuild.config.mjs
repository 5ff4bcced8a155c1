// Builds dist/: one file for sockctl, one for the library, one for all that is imported with
// `await import()`, and one for each package. All are CommonJS, which starts several milliseconds earlier
// than ES modules and spares the cost of building the namespaces of node:http and its kin.
//
// A file holds all it needs of src/: to read 100 KB of functions that nobody calls takes V8 2 ms, to
// find and open one more file takes Node 0.4 ms. What is imported later may not stand in the file of who
// imports it: esbuild then wraps every module in a function, and V8 reads each twice. Shared are only
// the errors, for who catches one has to know its class, and what takes a snapshot, which is large and
// which all of inspect needs.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { build } from 'esbuild'

const outdir = 'dist'
/** What has a file of its own; what is imported later joins them when it is found. */
const apart = new Set(
  [
    'src/main.ts',
    'src/index.ts',
    'src/errors.ts',
    'src/inspect/snapshot.ts',
    'src/inspect/sources/index.ts',
    // What most who ask for help have no use for: the rules with their explanations.
    'src/cli/topics/findings.ts',
  ].map(path => resolve(path)),
)
const packages = new Set()

const common = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  outdir,
  entryNames: '[name]',
  // Without indentation a third less is read at every start; names stay, for who reports a bug.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  external: ['koffi'],
  // `import()` of what has a file of its own becomes a require.
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  // What is for a browser stays what it is.
  loader: { '.html': 'text', '.css': 'text', '.browser.js': 'text' },
  metafile: true,
  write: false,
}
const ofSources = await buildSources()
const ofPackages = await build({
  ...common,
  entryPoints: [...packages].map(name => ({ in: name, out: fileOf(name) })),
  plugins: [{ name: 'later', setup: loadLater }],
})

/** Until no more is found that is imported later: it is known only when the rest has been read. */
async function buildSources() {
  for (;;) {
    const paths = [...apart]
    const result = await build({
      ...common,
      entryPoints: paths.map(path => ({ in: path, out: nameOf(path) })),
      plugins: [{ name: 'apart', setup: keepApart }],
    })
    if (apart.size === paths.length) return result
  }
}

/**
 * commander can start commands that are programs of their own. None is here, and what starts programs
 * takes Node 2 ms to load: it is loaded when it is asked for.
 */
function loadLater({ onResolve, onLoad }) {
  onResolve({ filter: /^node:child_process$/ }, ({ importer, namespace }) =>
    namespace === 'file' && /node_modules.commander./.test(importer)
      ? { path: 'child_process', namespace: 'later' }
      : undefined,
  )
  onLoad({ filter: /.*/, namespace: 'later' }, () => ({
    contents: `exports.spawn = (...args) => require('node:child_process').spawn(...args)`,
  }))
}

/** What has a file of its own is required from there. */
function keepApart({ onResolve, onLoad }) {
  onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
    const whole = resolve(resolveDir, path)
    if (kind === 'dynamic-import') apart.add(whole)
    return kind !== 'entry-point' && apart.has(whole)
      ? { path: `./${nameOf(whole)}.js`, external: true }
      : undefined
  })
  // It is one function, which seldom has to be called: it is loaded when it is.
  onResolve({ filter: /^fast-string-width$/, namespace: 'file' }, ({ path }) => ({
    path,
    namespace: 'later',
  }))
  onLoad({ filter: /.*/, namespace: 'later' }, ({ path }) => ({
    contents: `export default (...args) => require('${path}').default(...args)`,
  }))
  onResolve({ filter: /^[^.]/ }, ({ kind, path }) => {
    if (kind === 'entry-point' || path.startsWith('node:') || path === 'koffi') return undefined
    packages.add(path)
    return { path: `./${fileOf(path)}.js`, external: true }
  })
}

/** Not in a folder: `src/cli/help.ts` becomes `cli-help`. */
function nameOf(path) {
  return relative('src', path).replace(/\.ts$/, '').replaceAll(sep, '-')
}

/** Not in a folder: `@scope/name` becomes `@scope-name`. */
function fileOf(name) {
  return name.replaceAll('/', '-')
}

const results = [ofSources, ofPackages]
const files = results
  .flatMap(({ outputFiles }) => outputFiles)
  .map(({ path, contents }) => ({ name: basename(path), contents }))
files.push({ name: 'THIRD-PARTY-NOTICES', contents: await notices() })

await mkdir(outdir, { recursive: true })
for (const { name, contents } of files) {
  // Renamed into place: a command that starts meanwhile reads the old file or the new one.
  const unfinished = join(outdir, `.${name}.${process.pid}`)
  await writeFile(unfinished, contents)
  await rename(unfinished, join(outdir, name))
}
for (const name of await readdir(outdir)) {
  const isStale = name.endsWith('.js') && !files.some(file => file.name === name)
  // Forced: another build may run beside this one, and have removed it already.
  if (isStale) await rm(join(outdir, name), { force: true })
}

/** The licences of the packages whose code is inside the files, as their authors ask. */
async function notices() {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs))
  const used = inputs.map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
  const texts = []
  for (const name of [...new Set(used)].filter(Boolean).sort()) {
    const folder = join('node_modules', name)
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    texts.push(`${name} ${version} (${license})\n\n${(await licenceText(folder)).trim()}\n`)
  }
  return `sockctl contains code of these packages.\n\n${texts.join(`\n${'-'.repeat(78)}\n\n`)}`
}

async function licenceText(folder) {
  const name = (await readdir(folder)).find(file => /^licen[cs]e/i.test(file))
  if (name === undefined) throw new Error(`${folder} has no licence file to ship`)
  return readFile(join(folder, name), 'utf8')
}
