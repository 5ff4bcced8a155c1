import { BlockList, isIP } from 'node:net'
import { inetAddress, isIPv6 } from '../address.ts'
import { usageError } from '../errors.ts'

/** Addresses and networks in CIDR notation: `10.0.0.0/8`, `::1`. */
export interface AccessRules {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  /** Who is not allowed stays out, also where nobody is. Default: where somebody is allowed. */
  readonly onlyAllowed?: boolean
}

/**
 * Who may talk to us, by IP address. What is denied stays out whatever else allows it; where
 * something is allowed, everybody else stays out. An IPv4 peer of a dual-stack listener
 * (`::ffff:a.b.c.d`) is judged as IPv4.
 */
export class AllowList {
  readonly #allowed: BlockList | undefined
  readonly #denied: BlockList

  /** @throws ERR_USAGE when a rule is neither an address nor a network */
  constructor({ allow, deny, onlyAllowed = allow.length > 0 }: AccessRules) {
    this.#allowed = onlyAllowed ? toBlockList(allow) : undefined
    this.#denied = toBlockList(deny)
  }

  /** Whether a peer at this literal address may in. */
  check(host: string): boolean {
    // The zone of a link-local address names our interface, not the peer.
    const { family, host: literal } = inetAddress(host.replace(/%.*$/, ''), 0)
    if (this.#denied.check(literal, family)) return false
    return this.#allowed === undefined || this.#allowed.check(literal, family)
  }
}

/**
 * Checks one address or network in CIDR notation.
 *
 * @throws ERR_USAGE
 */
export function parseNetwork(text: string): string {
  addNetwork(new BlockList(), text)
  return text
}

function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) addNetwork(list, network)
  return list
}

function addNetwork(list: BlockList, text: string): void {
  const [, host = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const longest = isIPv6(host) ? 128 : 32
  if (isIP(host) === 0 || Number(prefix ?? 0) > longest) {
    throw usageError(
      `not an address or network: "${text}"`,
      'Write 192.168.1.7, 10.0.0.0/8 or ::1.',
    )
  }
  const { family, host: literal } = inetAddress(host, 0)
  if (prefix === undefined) list.addAddress(literal, family)
  else list.addSubnet(literal, mappedPrefix(host, literal, Number(prefix)), family)
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`: the first 96 bits say only that it is IPv4. */
function mappedPrefix(written: string, literal: string, prefix: number): number {
  if (written === literal) return prefix
  if (prefix < 96)
    throw usageError(`a v4-mapped network needs a prefix of 96 or more: "${written}"`)
  return prefix - 96
}
