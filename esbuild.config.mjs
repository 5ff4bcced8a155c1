// Builds dist/: one file for the command, one for the library, and one for each package that is
// only sometimes needed. All are CommonJS, which starts several milliseconds earlier than ES modules
// and spares the cost of building the namespaces of node:http and its kin.
//
// Within a file, what the source imports with `await import()` is still run only when it is asked
// for: esbuild makes a function of it. Reading functions that nobody calls costs V8 less than
// finding and opening more files costs Node.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const outdir = 'dist'

/** Packages with a file of their own, because most commands do without them. */
const apart = ['chalk', 'cli-table3', 'commander', 'systeminformation']

const common = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  outdir,
  legalComments: 'none',
  metafile: true,
  write: false,
}

const results = await Promise.all([
  build({
    ...common,
    entryPoints: ['src/main.ts', 'src/index.ts'],
    external: ['koffi'],
    // `import()` of what has a file of its own becomes a require.
    supported: { 'dynamic-import': false },
    plugins: [{ name: 'apart', setup: resolveApart }],
  }),
  build({ ...common, entryPoints: apart }),
])

function resolveApart({ onResolve }) {
  const filter = new RegExp(`^(?:${apart.join('|')})$`)
  onResolve({ filter }, ({ path }) => ({ path: `./${path}.js`, external: true }))
}

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
