import { readFileSync, statSync } from 'node:fs'
import { SockctlError, systemError, usageError } from '../errors.ts'
import { terminalText } from '../terminal-text.ts'
import type { Context } from './context.ts'

/** Bits of a file's mode by which its group, or everybody, may read it. */
const OTHERS_MAY_READ = 0o044

export interface SecretUse {
  /** The option that it was given to, for messages: `--token`. */
  readonly name: string
  /** Warns of nothing. */
  readonly quiet?: boolean | undefined
}

/**
 * Reads a secret: `env:NAME` from the environment, `file:path` from a file (without the line break at
 * its end), or the text itself, which everybody on the machine can read: of that stderr warns, as of
 * a file that others may read. A secret is never shown.
 *
 * @throws ERR_NOT_FOUND when there is no such variable or file; ERR_DENIED; ERR_USAGE when it is empty
 */
export async function readSecret(
  text: string,
  { env, stderr, platform }: Pick<Context, 'env' | 'stderr' | 'platform'>,
  { name, quiet = false }: SecretUse,
): Promise<string> {
  const warn = (message: string): void => {
    if (!quiet) stderr.write(`warning: ${name}: ${terminalText(message)}\n`)
  }
  const variable = variableOf(text)
  if (variable !== undefined) {
    const value = env[variable]
    if (value !== undefined) return notEmpty(value, `${name}: ${variable} is empty`)
    const message = `${name}: the environment has no ${variable}`
    throw new SockctlError('ERR_NOT_FOUND', message, { hints: [`Set it: export ${variable}=...`] })
  }
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length)
    const { content, mode } = readSecretFile(path, name)
    if (platform !== 'win32' && (mode & OTHERS_MAY_READ) !== 0) {
      warn(`others may read ${path}; to keep them from it: chmod 600 ${path}`)
    }
    return notEmpty(content.replace(/\r?\n$/, ''), `${name}: ${path} is empty`)
  }
  const secret = notEmpty(text, `${name}: no secret was given`)
  warn('others on this machine can see it (ps); write env:NAME or file:path instead')
  return secret
}

/** An environment without the variables that secrets come from, as they were given to options. */
export function withoutVariables(env: Context['env'], texts: readonly string[]): Context['env'] {
  const secret = texts.map(variableOf)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.includes(name)))
}

function variableOf(text: string): string | undefined {
  return text.startsWith('env:') ? text.slice('env:'.length) : undefined
}

function readSecretFile(
  path: string,
  name: string,
): { readonly content: string; readonly mode: number } {
  try {
    return { content: readFileSync(path, 'utf8'), mode: statSync(path).mode }
  } catch (error) {
    throw systemError(`${name}: cannot read ${path}`, error)
  }
}

function notEmpty(secret: string, message: string): string {
  if (secret === '') throw usageError(message)
  return secret
}
