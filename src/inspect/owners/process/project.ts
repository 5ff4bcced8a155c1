import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** The project in whose folder a process runs. */
export interface Project {
  readonly folder: string
  /** In its own words, where a file there says it; else that of the folder. */
  readonly name: string
}

/** What stands at the top of a project, and where its name is in it. */
const MARKERS: readonly (readonly [file: string, name?: RegExp])[] = [
  ['package.json', /"name"\s*:\s*"([^"]+)"/],
  ['pyproject.toml', /^\s*name\s*=\s*["']([^"']+)["']/m],
  ['Cargo.toml', /^\s*name\s*=\s*"([^"]+)"/m],
  ['go.mod', /^module\s+(\S+)/m],
  ['composer.json', /"name"\s*:\s*"([^"]+)"/],
  ['pom.xml', /<artifactId>\s*([^<\s]+)/],
  ['build.gradle'],
  ['build.gradle.kts'],
  ['mix.exs', /app:\s*:(\w+)/],
  ['Gemfile'],
  ['deno.json', /"name"\s*:\s*"([^"]+)"/],
  ['.git'],
]

/** Deeper than anybody nests projects. */
const MOST_LEVELS = 40
/** A name stands near the top of its file. */
const MOST_BYTES = 256 * 1024

/**
 * Finds the nearest project at or above a folder. The top of the file system and the homes of users
 * are none, whatever lies there.
 *
 * @param root where the file system of the process begins: /proc/PID/root
 * @param folder as the process sees it
 */
export function findProject(folder: string, root = ''): Project | undefined {
  let at = folder
  for (let level = 0; level < MOST_LEVELS && isProjectFolder(at); level++) {
    for (const [file, pattern] of MARKERS) {
      const path = `${root}${join(at, file)}`
      if (!isThere(path)) continue
      const name = pattern && readMatch(path, pattern)
      return { folder: at, name: name ?? basename(at) }
    }
    at = dirname(at)
  }
  return undefined
}

function isProjectFolder(folder: string): boolean {
  return folder.startsWith('/') && !/^\/(?:|root|tmp|home(?:\/[^/]+)?)$/.test(folder)
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

function readMatch(path: string, pattern: RegExp): string | undefined {
  try {
    // Not what only looks like a file: reading a FIFO would wait for its writer.
    const { size } = statSync(path)
    if (!statSync(path).isFile() || size > MOST_BYTES) return undefined
    return pattern.exec(readFileSync(path, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}
