import { formatHost, isIPv6 } from '../address.ts'
import { usageError } from '../errors.ts'
import { parsePort } from './host-and-port.ts'
import { parseEndpoint } from './parse.ts'
import type { Endpoint } from './types.ts'

const HIGHEST_PORT = 65_535

/**
 * Reads a list of ports, in the order they stand: `80`, `http`, `20-25,80,https`. A port that occurs
 * twice is kept once.
 *
 * @throws ERR_USAGE
 */
export function parsePortList(text: string): number[] {
  const ports = text.split(',').flatMap(part => {
    const [, first, last] = /^(\d+)-(\d*)$/.exec(part) ?? []
    if (first === undefined || last === undefined) return [connectable(part, text)]
    return range(connectable(first, text), connectable(last, text), text)
  })
  return [...new Set(ports)]
}

function range(first: number, last: number, text: string): number[] {
  if (first > last) {
    throw usageError(
      `bad ports "${text}": ${first}-${last} runs backwards`,
      `Write ${last}-${first}`,
    )
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Port 0 stands for any when listening; nobody can be reached on it. */
function connectable(port: string, text: string): number {
  const number = parsePort(port, text)
  if (number === 0) throw usageError(`bad ports "${text}": they go from 1 to ${HIGHEST_PORT}`)
  return number
}

/**
 * Reads the words of `connect -z` into what to try, in order: a host and its ports
 * (`host 20-25,80 http`), or endpoints whose port may be a list (`host:20-25`, `[::1]:80`, `80,443`).
 *
 * @throws ERR_USAGE
 */
export function parsePortTargets(words: readonly string[]): Endpoint[] {
  const [host = '', ...lists] = words
  if (lists.length === 0 || !isHost(host)) return words.flatMap(parseTarget)
  return lists.flatMap(list => onHost(host, list))
}

/** Not a list of ports, and nothing that has its port with it. */
function isHost(word: string): boolean {
  if (isIPv6(word.replace(/^\[(.*)\]$/, '$1'))) return true
  if (/[:/,]/.test(word)) return false
  try {
    parsePortList(word)
    return false
  } catch {
    return true
  }
}

function parseTarget(word: string): Endpoint[] {
  if (word.startsWith('unix:')) return [parseEndpoint(word)]
  const [, host, list] = /^(?:tcp:\/\/)?(?:([^/]*):)?([^:\]/]+)$/i.exec(word) ?? []
  // What is neither gets its message from the parser of endpoints.
  if (list === undefined || isIPv6(word)) return [parseEndpoint(word)]
  return onHost(host ?? '', list)
}

function onHost(host: string, list: string): Endpoint[] {
  const bracketed = isIPv6(host) ? formatHost(host) : host
  return parsePortList(list).map(port => parseEndpoint(`tcp://${bracketed}:${port}`))
}
