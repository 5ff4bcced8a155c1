import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'

export const SRC = join(import.meta.dirname, '../../src')

/** A file of src/, and what it imports. */
export interface SourceFile {
  /** From src/, with slashes: `cli/help.ts`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

export interface Import {
  /** A file of src/ by its path, or the name of a package: `cli/help.ts`, `commander`, `node:net`. */
  readonly target: string
  readonly isOwn: boolean
  /** `type`: erased when compiled. `dynamic`: `await import()`, when it is reached. */
  readonly kind: 'static' | 'type' | 'dynamic'
}

/** Every TypeScript file of src/. */
export function sourceFiles(): readonly SourceFile[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(file => {
      const path = relative(SRC, file).split(sep).join('/')
      const text = readFileSync(file, 'utf8')
      return { path, text, imports: readImports(path, text) }
    })
}

const STATIC = /^(?:import|export)\s+(?:([^'"]*?)\s+from\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'/g

/** Reads what a file imports, by the one way in which this source writes imports. */
function readImports(path: string, text: string): readonly Import[] {
  const found: Import[] = []
  const add = (specifier: string, kind: Import['kind']): void => {
    const isOwn = specifier.startsWith('.')
    const target = isOwn ? posix.join(dirname(path), specifier) : specifier
    found.push({ target, isOwn, kind })
  }
  for (const [, clause = '', specifier = ''] of text.matchAll(STATIC)) {
    add(specifier, isTypeOnly(clause) ? 'type' : 'static')
  }
  for (const [, specifier = ''] of text.matchAll(DYNAMIC)) add(specifier, 'dynamic')
  return found
}

/** `type { A }`, `{ type A, type B }`. */
function isTypeOnly(clause: string): boolean {
  if (clause.startsWith('type ')) return true
  const names = /^\{([^}]*)\}$/
    .exec(clause)?.[1]
    ?.split(',')
    .map(name => name.trim())
  return names?.every(name => name === '' || name.startsWith('type ')) ?? false
}
