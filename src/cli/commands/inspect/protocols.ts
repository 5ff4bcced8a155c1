import { usageError } from '../../../errors.ts'
import type { Family } from '../../../inspect/ends.ts'
import { ALL_FAMILIES, ALL_PROTOCOLS } from '../../../inspect/select/everything.ts'
import type { Protocol } from '../../../inspect/types.ts'
import { closestWord } from '../../../terminal-text.ts'

/** The flags that choose protocols and families. */
export interface ProtocolFlags {
  readonly tcp?: true
  readonly udp?: true
  readonly unix?: true
  readonly raw?: true
  readonly packet?: true
  readonly mptcp?: true
  readonly udplite?: true
  readonly netlink?: true
  readonly vsock?: true
  readonly query?: readonly (readonly QueryItem[])[]
  readonly family?: FamilyWord
  readonly ipv4?: true
  readonly ipv6?: true
}

/** The families of ss(8), by its words. */
export const FAMILY_WORDS = ['inet', 'inet6', 'unix', 'link', 'netlink', 'vsock'] as const
export type FamilyWord = (typeof FAMILY_WORDS)[number]

/** A part of `-A`: what to add, or with `!` to leave out. */
interface QueryItem {
  readonly protocols: readonly Protocol[]
  readonly isExcluded: boolean
}

const PROTOCOL_FLAGS = [
  ...(['tcp', 'udp', 'udplite', 'mptcp', 'raw', 'packet', 'netlink', 'vsock', 'unix'] as const),
]

const INET: readonly Protocol[] = ['tcp', 'mptcp', 'udp', 'udplite', 'raw']

/** The words of `-A`, as in ss(8). */
const QUERY_WORDS: ReadonlyMap<string, readonly Protocol[]> = new Map([
  ['all', ALL_PROTOCOLS],
  ['inet', INET],
  ...ALL_PROTOCOLS.map(protocol => [protocol, [protocol]] as const),
])

/** Kinds of socket that ss(8) shows by themselves: here their family is what can be shown. */
const FAMILY_OF_KIND: readonly (readonly [RegExp, Protocol])[] = [
  [/^(?:unix|u)_\w+$/, 'unix'],
  [/^(?:packet|p)_\w+$/, 'packet'],
  [/^(?:vsock|v)_\w+$/, 'vsock'],
]

/**
 * Reads the list of `-A`: `inet,unix`, `all,!netlink`. One that only leaves out begins with all.
 *
 * @throws ERR_USAGE, with the nearest word that exists
 */
export function parseQuery(text: string): QueryItem[] {
  return text.split(',').map(item => {
    const isExcluded = item.startsWith('!')
    const word = isExcluded ? item.slice(1) : item
    const protocols = QUERY_WORDS.get(word)
    if (protocols === undefined) throw unknownWord(word)
    return { protocols, isExcluded }
  })
}

function unknownWord(word: string): Error {
  const words = [...QUERY_WORDS.keys()]
  const family = FAMILY_OF_KIND.find(([pattern]) => pattern.test(word))?.[1]
  const close = family ?? closestWord(word, words)
  return usageError(
    family === undefined ? `no such sockets: "${word}"` : `"${word}" are not shown by themselves`,
    close === undefined ? `There are ${words.join(', ')}.` : `Did you mean ${close}?`,
  )
}

/** Whether flags say which protocols are meant, so that the usual ones are not. */
export function namesProtocols(flags: ProtocolFlags): boolean {
  return (
    PROTOCOL_FLAGS.some(name => flags[name]) ||
    [flags.ipv4, flags.ipv6, flags.query, flags.family].some(flag => flag !== undefined)
  )
}

/**
 * Which protocols flags ask for. -4 and -6 alone mean internet sockets; with -x they stand beside
 * the unix sockets, as in ss(8).
 *
 * @param usual what is meant where flags name none: no unix sockets, or the family of a filter
 */
export function readProtocols(
  flags: ProtocolFlags,
  usual: { readonly onlyInternet: boolean; readonly family?: Family | undefined },
): Protocol[] {
  const { family } = flags
  const named: Protocol[] = [
    ...PROTOCOL_FLAGS.filter(name => flags[name]),
    ...queried(flags.query?.flat() ?? []),
    ...(family === undefined ? [] : FAMILY_PROTOCOLS[family]),
  ]
  const wantsInternet = readsIpv4(flags) || readsIpv6(flags)
  const hasInternet = named.some(protocol => INET.includes(protocol))
  if (wantsInternet && !hasInternet) return unique(['tcp', 'udp', ...named])
  if (named.length > 0) return unique(named)
  const only = ALL_PROTOCOLS.find(one => one === usual.family)
  if (only !== undefined) return [only]
  return usual.onlyInternet ? ['tcp', 'udp'] : ['tcp', 'udp', 'unix']
}

/** `inet` and `inet6` are -4 and -6. */
const FAMILY_PROTOCOLS: Readonly<Record<FamilyWord, readonly Protocol[]>> = {
  inet: [],
  inet6: [],
  unix: ['unix'],
  link: ['packet'],
  netlink: ['netlink'],
  vsock: ['vsock'],
}

/** Which families flags ask for: -4 and -6 exclude each other's, and leave all that is not IP. */
export function readFamilies(flags: ProtocolFlags): Family[] {
  const excluded = readsIpv4(flags) === readsIpv6(flags) ? '' : readsIpv4(flags) ? 'ipv6' : 'ipv4'
  return ALL_FAMILIES.filter(family => family !== excluded)
}

/** Whether there are sockets among them that wait in state `unconnected`, as ss(8) counts it. */
export function haveUnconnected(protocols: readonly Protocol[]): boolean {
  return protocols.some(protocol => UNCONNECTED.has(protocol))
}

const UNCONNECTED: ReadonlySet<Protocol> = new Set(['packet', 'netlink'])

function queried(items: readonly QueryItem[]): readonly Protocol[] {
  const isOnlyExclusion = items.length > 0 && items.every(({ isExcluded }) => isExcluded)
  const protocols = new Set<Protocol>(isOnlyExclusion ? ALL_PROTOCOLS : [])
  for (const item of items) {
    for (const protocol of item.protocols) {
      if (item.isExcluded) protocols.delete(protocol)
      else protocols.add(protocol)
    }
  }
  return [...protocols]
}

function readsIpv4({ ipv4, family }: ProtocolFlags): boolean {
  return !!ipv4 || family === 'inet'
}

function readsIpv6({ ipv6, family }: ProtocolFlags): boolean {
  return !!ipv6 || family === 'inet6'
}

function unique(protocols: readonly Protocol[]): Protocol[] {
  return [...new Set(protocols)]
}
