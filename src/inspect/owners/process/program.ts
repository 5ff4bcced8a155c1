import { basename } from 'node:path'

/**
 * Says in a word what a program that runs others is busy with: `vite`, `server.js`, `http.server`,
 * `demo.jar`. Undefined for programs that are themselves what runs, and where it cannot be told.
 *
 * @param words its command line
 */
export function scriptOf(words: readonly string[]): string | undefined {
  const [file = '', ...rest] = words
  if (rest.length === 0 || !INTERPRETERS.test(basename(file))) return undefined
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? ''
    if (word === '-m' || word === '-jar') return shortName(rest[i + 1] ?? '') || undefined
    if (INLINE.has(word)) return undefined
    if (TAKES_VALUE.has(word)) i++
    else if (!word.startsWith('-') && !SUBCOMMANDS.has(word)) return shortName(word) || undefined
  }
  return undefined
}

const INTERPRETERS = /^(?:node|nodejs|bun|deno|python[\d.]*|ruby[\d.]*|perl|php[\d.]*|java|tsx)$/
/** Options behind which stands the program itself. */
const INLINE = new Set(['-e', '--eval', '-c', '-p', '--print', '-r', '-pe'])
const TAKES_VALUE = new Set([
  ...['--require', '--import', '--loader', '--env-file', '--conditions', '-C'],
  ...['-cp', '-classpath', '--class-path', '-I', '-W', '-X'],
])
const SUBCOMMANDS = new Set(['run', 'serve', 'start', 'dev'])

/** A package that is run by its file (`node_modules/vite/bin/vite.js`) is better known by its name. */
function shortName(path: string): string {
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\/(?:bin|dist|cli)\//.exec(path) ?? []
  return name ?? basename(path)
}
