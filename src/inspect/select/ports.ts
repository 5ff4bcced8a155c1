import { usageError } from '../../errors.ts'

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Turns the name of a service into its port (`https`), or undefined when there is none. */
export type PortOfService = (name: string) => number | undefined

/**
 * Reads ports: `8080`, `:8080`, `3000-3010`, `80,443,8000-8099`.
 *
 * @throws ERR_USAGE
 */
export function parsePorts(
  text: string,
  portOfService: PortOfService = () => undefined,
): PortRange[] {
  return text.split(',').map(part => {
    const [, first, last] = /^\s*:?([^-:\s]+)(?:-:?([^-:\s]+))?\s*$/.exec(part) ?? []
    if (first === undefined) throw notPorts(part.trim(), text)
    const range = {
      first: parsePort(first, text, portOfService),
      last: parsePort(last ?? first, text, portOfService),
    }
    if (range.first > range.last) {
      throw usageError(`ports ${first}-${last} run backwards`, `Write ${last}-${first}.`)
    }
    return range
  })
}

/** Whether a word reads as ports written in digits: for words that say not what they are. */
export function looksLikePorts(word: string): boolean {
  return /^:?\d[\d,:-]*$/.test(word)
}

/** Writes ports as they are typed: `80`, `80, 443 or 3000-3010`. */
export function formatPorts(ranges: readonly PortRange[]): string {
  const words = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
  const [last = '', ...others] = words.reverse()
  return others.length === 0 ? last : `${others.reverse().join(', ')} or ${last}`
}

function parsePort(word: string, text: string, portOfService: PortOfService): number {
  const port = /^\d{1,9}$/.test(word) ? Number(word) : portOfService(word)
  if (port === undefined) throw notPorts(word, text)
  if (port > 65_535) throw usageError(`port ${word} is too large (65535 at most)`)
  if (port === 0) throw usageError('no socket has port 0: it stands for "any free port"')
  return port
}

function notPorts(part: string, text: string): Error {
  const hint = 'Write 8080, 3000-3010 or 80,443.'
  if (part === '') return usageError(`a port is missing in "${text}"`, hint)
  return usageError(`"${part}" is not a port`, hint)
}
