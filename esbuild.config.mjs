// Builds dist/ in three steps.
//
// 1. Bundle src/ with code splitting: one entry for the command, one for the library. What the
//    source imports with `await import()` (a command, a heavy package) becomes a chunk of its own
//    and is read only when it is used; what several of them need is shared in further chunks.
// 2. Turn each chunk into CommonJS, which starts several milliseconds earlier than ES modules and
//    spares the cost of building the namespaces of node:http and its kin. esbuild splits only ES
//    modules, hence two steps.
// 3. Put the small shared chunks, of which every command needs a handful, into one file, each as a
//    function that runs when it is first required. To find and open a file takes Node as long as to
//    skip over 40 KB of functions that nobody calls.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, transform } from 'esbuild'

const outdir = 'dist'
const target = 'node20.19'
const small = 32 * 1024

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
  plugins: [withoutPrograms()],
  legalComments: 'none',
  metafile: true,
  write: false,
})
const chunks = await Promise.all(bundled.outputFiles.map(toCommonJs))
const shared = chunks.filter(chunk => chunk.isShared && chunk.code.length < small)
const files = [
  ...chunks.filter(chunk => !shared.includes(chunk)).map(inFile),
  { name: 'shared.js', text: sharedFile() },
  { name: 'THIRD-PARTY-NOTICES', text: await notices(bundled.metafile) },
]

await mkdir(outdir, { recursive: true })
for (const { name, text } of files) {
  // Renamed into place: a command that starts meanwhile reads the old file or the new one.
  await writeFile(join(outdir, `.${name}.${process.pid}`), text)
  await rename(join(outdir, `.${name}.${process.pid}`), join(outdir, name))
}
for (const name of await readdir(outdir)) {
  const isStale = name.endsWith('.js') && !files.some(file => file.name === name)
  // Forced: another build may run beside this one, and have removed it already.
  if (isStale) await rm(join(outdir, name), { force: true })
}

/**
 * commander can start subcommands that are programs of their own. Ours are not, and to load
 * node:child_process for it costs each command 1 ms.
 */
function withoutPrograms() {
  return {
    name: 'commander-without-programs',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
        /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
      )
      onLoad({ filter: /^none$/, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }))
    },
  }
}

async function toCommonJs({ path, text }) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target,
    // `import()` of a chunk becomes a require: the chunks are CommonJS now.
    supported: { 'dynamic-import': false },
  })
  const name = basename(path)
  const { entryPoint } = bundled.metafile.outputs[`${outdir}/${name}`]
  return { name, code: loadBuiltinsOnUse(code), isShared: entryPoint === undefined }
}

/**
 * Turns each `var import_node_tls = require("node:tls")` of esbuild into a function, and each use of
 * it into a call: a part of Node is loaded when it is first used. (node:tls takes 5 ms, and is
 * imported by whatever could use it. The brackets are for `new (import_node_net()).Socket()`.)
 */
function loadBuiltinsOnUse(code) {
  const names = []
  const declared = code.replace(
    /^var (import_\w+) = (.*\brequire\("node:.*);$/gm,
    (_, name, loaded) => {
      names.push(name)
      return `let ${name}_;\nconst ${name} = () => (${name}_ ??= ${loaded});`
    },
  )
  if (names.length === 0) return code
  return declared.replace(new RegExp(`\\b(${names.join('|')})\\.`, 'g'), '($1()).')
}

/** A chunk that stays a file, and finds what it shares in shared.js. */
function inFile({ name, code }) {
  const text = code.replace(/\brequire\("\.\/(.+?)"\)/g, (call, required) =>
    shared.some(one => one.name === required) ? `require("./shared.js")("${required}")` : call,
  )
  return { name, text }
}

function sharedFile() {
  const functions = shared.map(
    ({ name, code }) => `  "${name}"(exports, module, require) {\n${code}  }`,
  )
  return `"use strict";
const loaded = {};
module.exports = function load(name) {
  if (!(name in loaded)) {
    loaded[name] = { exports: {} };
    chunks[name](loaded[name].exports, loaded[name], requireFromChunk);
  }
  return loaded[name].exports;
};
function requireFromChunk(path) {
  const name = path.slice(2);
  return name in chunks ? module.exports(name) : require(path);
}
const chunks = {
${functions.join(',\n')}
};
`
}

/** The licences of the packages whose code is inside the bundle, as their authors ask. */
async function notices(metafile) {
  const used = new Set(
    Object.keys(metafile.inputs)
      .map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
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
