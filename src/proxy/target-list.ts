import { BlockList, isIP } from 'node:net'
import { inetAddress } from '../address.ts'
import { usageError } from '../errors.ts'
import type { ProxyTarget } from './types.ts'

/** One rule of what a proxy may connect to. */
interface Rule {
  /** In lower case. Undefined: any. */
  readonly host: string | undefined
  readonly networks: BlockList | undefined
  /** Its network has all addresses of its family, and so it says as little as no host does. */
  readonly isEverywhere?: boolean
  /** Undefined: any. */
  readonly port: number | undefined
}

/** What a proxy may connect to: by name and port, by address, by network. */
export class TargetList {
  readonly #rules: readonly Rule[]

  /**
   * @param rules `db.example:5432`, `db.example`, `:443`, `*.example.com`, `10.0.0.0/8`, `[::1]:80`
   * @throws ERR_USAGE
   */
  constructor(rules: readonly string[]) {
    this.#rules = rules.map(parseRule)
  }

  /** Whether a rule is for just this name, and no other: whoever wrote it knows where it leads. */
  singlesOut({ host, port }: ProxyTarget): boolean {
    const name = canonical(host)
    return this.#rules.some(rule => isPort(rule, port) && rule.host === name)
  }

  /** Whether it is named as one may be: by itself, as one of many, or by its port. */
  names({ host, port }: ProxyTarget): boolean {
    const name = canonical(host)
    return this.#rules.some(rule => {
      if (rule.networks !== undefined || !isPort(rule, port)) return false
      if (rule.host === undefined || rule.host === name) return true
      return rule.host.startsWith('*.') && name.endsWith(rule.host.slice(1))
    })
  }

  /** Whether an address is in one of the networks, for a name that says nothing by itself. */
  reaches(address: ProxyTarget): boolean {
    return this.#rules.some(rule => hasAddress(rule, address))
  }

  /** The same, for networks that are not simply everything. */
  pointsAt(address: ProxyTarget): boolean {
    return this.#rules.some(rule => rule.isEverywhere !== true && hasAddress(rule, address))
  }
}

/** A dot at its end says that a name is whole. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

function hasAddress(rule: Rule, { host, port }: ProxyTarget): boolean {
  const { family, host: literal } = inetAddress(host.replace(/%.*$/, ''), port)
  return isPort(rule, port) && rule.networks?.check(literal, family) === true
}

function isPort(rule: Rule, port: number): boolean {
  return rule.port === undefined || rule.port === port
}

function parseRule(text: string): Rule {
  const match =
    /^(?:\[([^\]]+)\]|([^:\s]*)|([\da-f:.]*:[\da-f:.]*:[\da-f:.]*?))(\/\d{1,3})?(?::(\d{1,5}))?$/i
  const [, bracketed, plain, bare, prefix, digits] = match.exec(text) ?? []
  const host = bracketed ?? plain?.replace(/\/\d+$/, '') ?? bare
  const bits = prefix ?? /\/\d+$/.exec(plain ?? '')?.[0]
  const port = digits === undefined ? undefined : Number(digits)
  const isAnything = (host ?? '') === ''
  if (host === undefined || (port ?? 0) > 65_535 || (isAnything && port === undefined)) {
    throw notTarget(text)
  }
  if (isIP(host) === 0) {
    if (bits !== undefined || bracketed !== undefined || host.includes('/')) throw notTarget(text)
    return { host: isAnything ? undefined : host.toLowerCase(), networks: undefined, port }
  }
  const { family, host: literal } = inetAddress(host, 0)
  const longest = family === 'ipv6' ? 128 : 32
  const length = Number(bits?.slice(1) ?? longest)
  if (length > longest) throw notTarget(text)
  const networks = new BlockList()
  networks.addSubnet(literal, length, family)
  return { host: undefined, networks, isEverywhere: length === 0, port }
}

function notTarget(text: string): Error {
  return usageError(
    `not a host, port or network: "${text}"`,
    'Write db.example:5432, *.example.com, :443, 10.0.0.0/8 or [::1]:80.',
  )
}

/** Checks one rule. @throws ERR_USAGE */
export function parseTargetRule(text: string): string {
  parseRule(text)
  return text
}
