// Builds dist/ in two passes.
//
// 1. Bundle src/ with code splitting: one entry for the command, one for the library. Everything
//    that the source imports with `await import()` (a command family, a heavy package) becomes a
//    chunk of its own and is read only when it is used.
// 2. Turn each chunk into CommonJS, which starts several milliseconds earlier than ES modules and
//    spares the cost of building the namespaces of node:http and its kin. esbuild can split only
//    ES modules, hence two passes.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, transform } from 'esbuild'

const outdir = 'dist'
const target = 'node20.19'

const bundled = await build({
  entryPoints: ['src/main.ts', 'src/index.ts'],
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target,
  outdir,
  chunkNames: '[name]-[hash]',
  external: ['koffi'],
  legalComments: 'none',
  metafile: true,
  write: false,
})

await mkdir(outdir, { recursive: true })
const stale = new Set((await readdir(outdir)).filter(name => name.endsWith('.js')))
for (const file of bundled.outputFiles) {
  const { code } = await transform(file.text, {
    format: 'cjs',
    platform: 'node',
    target,
    // `import()` of a chunk becomes a require: the chunks are CommonJS now.
    supported: { 'dynamic-import': false },
  })
  await writeFile(join(outdir, basename(file.path)), code)
  stale.delete(basename(file.path))
}
// Forced: another build may run beside this one, and have removed it already.
for (const name of stale) await rm(join(outdir, name), { force: true })

await writeFile(join(outdir, 'THIRD-PARTY-NOTICES'), await notices(bundled.metafile))

/** The licences of the packages whose code is inside the bundle, as their authors ask. */
async function notices(metafile) {
  const used = new Set(
    Object.keys(metafile.inputs)
      .map(path => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
      .filter(name => name !== undefined),
  )
  const texts = []
  for (const name of [...used].sort()) {
    const folder = join('node_modules', name)
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    texts.push(`${name} ${version} (${license})\n\n${(await licenceText(folder)).trim()}\n`)
  }
  return `sockctl contains code of these packages.\n\n${texts.join(`\n${'-'.repeat(78)}\n\n`)}`
}

async function licenceText(folder) {
  const name = (await readdir(folder)).find(file => /^licen[cs]e/i.test(file))
  if (name === undefined)
    throw new Error(`${folder} has no licence file: its notice cannot be shipped`)
  return readFile(join(folder, name), 'utf8')
}
