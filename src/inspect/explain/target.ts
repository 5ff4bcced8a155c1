import { usageError } from '../../errors.ts'
import { canonicalHost } from '../literal-host.ts'
import { FIELD_NAMES } from '../select/fields.ts'
import { shellWord } from '../views/shell-word.ts'

/** What somebody asks about, to get a report. */
export type Target =
  | {
      readonly kind: 'port'
      readonly port: number
      /** A literal address as records have it, or `localhost`, which is both loopbacks. Undefined: every address. */
      readonly host: string | undefined
    }
  | { readonly kind: 'process'; readonly pid: number }
  /** Of a file, or `@name` in the abstract namespace. */
  | { readonly kind: 'unix'; readonly path: string }
  /** A program: perhaps several processes. */
  | { readonly kind: 'name'; readonly name: string }

/**
 * Reads a word as a target: `8080`, `:8080`, `127.0.0.1:8080`, `[::1]:80`, `localhost:5173`,
 * `pid:1234`, `unix:/path`, `/path`, `@name`, `node`, and URLs as servers print them, of which host and
 * port count. Undefined: it is a filter, or several ports.
 *
 * @throws ERR_USAGE for what can only be a target, and is written wrong
 */
export function parseTarget(word: string): Target | undefined {
  const [, scheme, authority = ''] = URL_WORD.exec(word) ?? []
  if (scheme !== undefined && !/^unix$/i.test(scheme)) return urlTarget(scheme, authority)
  const port = /^:?(\d{1,9})$/.exec(word)?.[1]
  if (port !== undefined) return { kind: 'port', port: portNumber(port), host: undefined }
  const pid = /^pid:(.*)$/s.exec(word)?.[1]
  if (pid !== undefined) return { kind: 'process', pid: pidNumber(pid) }
  const path =
    /^(?:unix:(?:\/\/(?=\/))?)?([/@].+)$/s.exec(word)?.[1] ?? /^unix:(.*)$/s.exec(word)?.[1]
  if (path !== undefined) return { kind: 'unix', path: pathText(path) }
  const place = splitPlace(word)
  if (place !== undefined) return placeTarget(place)
  return NAME.test(word) && hostOf(word) === undefined && !FILTER_WORDS.has(word.toLowerCase())
    ? { kind: 'name', name: word }
    : undefined
}

/** Writes a target as it is typed. */
export function formatTarget(target: Target): string {
  switch (target.kind) {
    case 'port':
      if (target.host === undefined) return String(target.port)
      return target.host.includes(':')
        ? `[${target.host}]:${target.port}`
        : `${target.host}:${target.port}`
    case 'process':
      return `pid:${target.pid}`
    case 'unix':
      return target.path.startsWith('/') || target.path.startsWith('@')
        ? target.path
        : `unix:${target.path}`
    case 'name':
      return target.name
  }
}

/** The addresses that `localhost` stands for. */
export const LOOPBACKS = ['127.0.0.1', '::1'] as const

/** Neither who somebody says they are nor what is behind the port says anything of sockets. */
const URL_WORD = /^([a-z][a-z\d+.-]*):\/\/(?:[^/?#@]*@)?([^/?#@]*)(?:[/?#].*)?$/is

const USUAL_PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 }

/** Port 3000 of `localhost:3000`, `[::1]:3000/path` or `*:3000`. */
interface Place {
  readonly name: string
  readonly port: string
}

function splitPlace(text: string): Place | undefined {
  const [, bracketed, plain, port = ''] = PLACE.exec(text) ?? []
  const name = bracketed ?? plain
  return name === undefined ? undefined : { name, port }
}

const PLACE = /^(?:\[([^\]]+)\]|([^:[\]/]+)):(\d{1,9})(?:[/?#].*)?$/s

function placeTarget({ name, port }: Place): Target | undefined {
  if (name === '*') return { kind: 'port', port: portNumber(port), host: undefined }
  const host = hostOf(name)
  return host === undefined ? undefined : { kind: 'port', port: portNumber(port), host }
}

/**
 * The host of a place: a literal address as records have it, or `localhost`. Undefined for other names,
 * which say nothing of this machine.
 */
export function hostOf(name: string): string | undefined {
  return LOCALHOST.test(name) ? 'localhost' : canonicalHost(name)
}

/** Names below it are this machine as well (RFC 6761 §6.3): `app.localhost`. */
const LOCALHOST = /^(?:[\w.-]+\.)?localhost\.?$/i

function urlTarget(scheme: string, authority: string): Target {
  if (/^:\d{1,9}$/.test(authority)) {
    return { kind: 'port', port: portNumber(authority.slice(1)), host: undefined }
  }
  const port = /^(?:\[[^\]]*\]|[^:]+)$/.test(authority)
    ? USUAL_PORTS[scheme.toLowerCase()]
    : undefined
  const place = port === undefined ? authority : `${authority}:${port}`
  // A zone in a URL is written with the percent sign escaped (RFC 6874).
  const split = splitPlace(place.replace('%25', '%'))
  if (split === undefined) throw noPlace(scheme, authority)
  const target = placeTarget(split)
  if (target !== undefined) return target
  throw usageError(
    `no address of this machine can be told from the name "${split.name}"`,
    `Who talks to it: sockctl inspect dst ${shellWord(`${split.name}:${split.port}`)}`,
    `That port, at every address: sockctl inspect ${split.port}`,
  )
}

function noPlace(scheme: string, authority: string): Error {
  const isHost = splitPlace(`${authority}:1`) !== undefined
  return isHost
    ? usageError(`no port stands in "${scheme}://${authority}"`, `Write ${authority}:8080.`)
    : usageError(`"${authority}" is not a host and a port`, 'Write http://localhost:8080.')
}

/** A name of a program as it stands in /proc/PID/comm. */
const NAME = /^[A-Za-z_][\w.+-]*$/

/** Words that begin, or are, a filter. */
const FILTER_WORDS: ReadonlySet<string> = new Set([...FIELD_NAMES, 'not', 'and', 'or'])

function portNumber(text: string): number {
  const port = Number(text)
  if (port > 65_535) throw usageError(`port ${text} is too large (65535 at most)`)
  if (port === 0) throw usageError('no socket has port 0: it stands for "any free port"')
  return port
}

function pidNumber(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw usageError(`"${text}" is not a pid`, 'Write pid:1234.')
}

function pathText(path: string): string {
  if (path !== '' && path !== '@') return path
  throw usageError('a path is missing', 'Write unix:/run/app.sock, or unix:@name.')
}
