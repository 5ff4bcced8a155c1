import { usageError } from '../../errors.ts'
import type { PortOfService, PortRange } from './ports.ts'

const EXAMPLE = 'Write :80, :80,443, :3000-3010 or :https.'

/**
 * Reads ports as ss(8) does, one or several: `:80`, `80`, `0x50`, `https`, `*`, and beyond it
 * `80,443` and `3000-3010`. Numbers are those of C: `0120` is 80.
 *
 * @returns 'any' for `*`
 * @throws ERR_USAGE
 */
export function parsePortValue(text: string, portOfService: PortOfService): PortRange[] | 'any' {
  if (text === '*' || text === ':*') return 'any'
  return text.split(',').map(part => parsePart(part.replace(/^:/, ''), portOfService))
}

/** Reads the port of an address; undefined for `*` and for nothing, which leave it open. */
export function parseHostPort(text: string, portOfService: PortOfService): PortRange | undefined {
  return text === '' || text === '*' ? undefined : parsePart(text, portOfService)
}

function parsePart(part: string, portOfService: PortOfService): PortRange {
  const single = parsePort(part, portOfService)
  if (single !== undefined) return { first: single, last: single }
  const [, from = '', to = ''] = /^([^-]+)-:?([^-]+)$/.exec(part) ?? []
  const first = parsePort(from, portOfService)
  const last = parsePort(to, portOfService)
  if (first === undefined || last === undefined) throw notPort(part)
  if (first > last) throw usageError(`ports ${part} run backwards`, `Write ${to}-${from}.`)
  return { first, last }
}

function parsePort(word: string, portOfService: PortOfService): number | undefined {
  const port = parseInteger(word) ?? portOfService(word)
  if (port !== undefined && port > 65_535) {
    throw usageError(`port ${word} is too large (65535 at most)`)
  }
  return port
}

function notPort(part: string): Error {
  if (part === '') return usageError('a port is missing', EXAMPLE)
  return usageError(`"${part}" is neither a port nor the name of a service`, EXAMPLE)
}

/** Reads a whole number as C writes it: `80`, `0x50`, `0120`; undefined for anything else. */
export function parseInteger(text: string): number | undefined {
  if (/^0[0-7]+$/.test(text)) return safe(Number.parseInt(text, 8))
  return /^(?:0x[\da-f]+|0|[1-9]\d*)$/i.test(text) ? safe(Number(text)) : undefined
}

function safe(number: number): number | undefined {
  return Number.isSafeInteger(number) ? number : undefined
}
