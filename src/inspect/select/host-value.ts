import { usageError } from '../../errors.ts'
import type { Family } from '../ends.ts'
import { parseBlock } from './address-block.ts'
import { anyOf, type End, type Expression, type IpFamily } from './expression.ts'
import { parseHostPort, parseInteger } from './port-value.ts'
import type { PortOfService, PortRange } from './ports.ts'
import { ethernetProtocol, netlinkProtocol } from './protocol-numbers.ts'

/** A value that begins with a family says it for the whole listing, as in ss(8). */
export interface FamilyValue {
  readonly family: Family | undefined
  readonly rest: string
}

const FAMILIES: Readonly<Record<string, Family>> = {
  'inet:': 'ipv4',
  'inet6:': 'ipv6',
  'unix:': 'unix',
  'link:': 'packet',
  'netlink:': 'netlink',
  'vsock:': 'vsock',
}

/** Splits the family off: `inet6:[::1]`, `unix:/tmp/*`. */
export function splitFamily(text: string): FamilyValue {
  const prefix = /^(?:inet6?|unix|link|netlink|vsock):/.exec(text)?.[0]
  if (prefix === undefined) return { family: undefined, rest: text }
  return { family: FAMILIES[prefix], rest: text.slice(prefix.length) }
}

/**
 * Reads the value of `src` and `dst`, less its family: an address of that family, with a port where
 * it has one. Of IP addresses there may be several.
 *
 * @throws ERR_USAGE
 */
export function parseHostValue(
  text: string,
  { end, family, portOfService }: HostContext,
): Expression {
  switch (family) {
    case 'unix':
      return { kind: 'path', end, pattern: text }
    case 'packet':
      return parsePacket(text, end)
    case 'netlink':
      return parseNetlink(text, end)
    case 'vsock':
      return parseVsock(text, end)
    default: {
      const one = (part: string): Expression => parseIp(part, { end, family, portOfService })
      return anyOf(text.split(',').map(one)) ?? one(text)
    }
  }
}

interface HostContext {
  readonly end: End
  readonly family: Family | undefined
  readonly portOfService: PortOfService
}

/** What ss(8) takes for every address. */
const ANY = /^(?:\*|default|any|all)?$/

function parseIp(
  text: string,
  {
    end,
    family,
    portOfService,
  }: {
    readonly end: End
    readonly family: IpFamily | undefined
    readonly portOfService: PortOfService
  },
): Expression {
  const { host, port } = splitPort(text)
  const range = parseHostPort(port, portOfService)
  if (ANY.test(host)) return portOrAny(end, range)
  const block = parseBlock(host)
  if (block === undefined) {
    if (!HOST_NAME.test(host)) throw notAddress(text)
    return { kind: 'host', end, host: { name: host, family }, port: range }
  }
  if (family !== undefined && family !== block.family) {
    throw usageError(`${host} is no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`)
  }
  return { kind: 'host', end, host: block, port: range }
}

/** What a name in the DNS may be made of, or a local one: RFC 1123 section 2.1, with underscores. */
const HOST_NAME = /^(?![\d.]+$)[\p{L}\d_](?:[\p{L}\d_.-]*[\p{L}\d_.])?$/u

function portOrAny(end: End, port: PortRange | undefined): Expression {
  return { kind: 'port', end, comparison: '=', ports: port === undefined ? 'any' : [port] }
}

/** The length of a prefix stands inside the brackets, as in `[::1/128]:22`. */
function splitPort(text: string): { readonly host: string; readonly port: string } {
  if (text.startsWith('[')) {
    const [, host, port = ''] = /^\[([^\]]*)\](?::(.*))?$/s.exec(text) ?? []
    if (host !== undefined) return { host, port }
    const [, inside, length] = /^\[([^\]]*)\]\/(\d+)/.exec(text) ?? []
    if (inside === undefined) throw notAddress(text)
    throw usageError('the length belongs into the brackets', `Write [${inside}/${length}].`)
  }
  const slash = text.indexOf('/')
  const colon = text.lastIndexOf(':')
  const whole = { host: text, port: '' }
  if (colon < 0 || colon < slash) return whole
  const split = { host: text.slice(0, colon), port: text.slice(colon + 1) }
  // ss splits at the last colon: fe80::1:22 has a port. What it refuses is read whole: ::1.
  if (!split.host.includes(':') || parseBlock(split.host) !== undefined) return split
  return parseBlock(text) === undefined ? split : whole
}

function notAddress(text: string): Error {
  return usageError(
    text === '' ? 'an address is missing' : `"${text}" is not an address`,
    'Write 10.0.0.0/8, 127.0.0.1:80, [::1]:80 or a name.',
  )
}

function parsePacket(text: string, end: End): Expression {
  const { before, after } = splitAt(text)
  const protocol = before === undefined ? undefined : ethernetProtocol(before)
  if (before !== undefined && protocol === undefined) {
    throw usageError(
      `"${before}" is no Ethernet protocol`,
      'Write link:ip, link:arp or link:*:eth0.',
    )
  }
  return { kind: 'packet', end, protocol, device: after }
}

function parseNetlink(text: string, end: End): Expression {
  const { before, after } = splitAt(text)
  const protocol = before === undefined ? undefined : netlinkProtocol(before)
  if (before !== undefined && protocol === undefined) {
    throw usageError(
      `"${before}" is no netlink protocol`,
      'Write netlink:rtnl or netlink:genl:kernel.',
    )
  }
  return { kind: 'netlink', end, protocol, port: after === 'kernel' ? 0 : number(after, 'port') }
}

function parseVsock(text: string, end: End): Expression {
  const { before, after } = splitAt(text)
  return { kind: 'vsock', end, cid: number(before, 'CID'), port: number(after, 'port') }
}

/** Nothing and `*` leave a part open. */
function splitAt(text: string): {
  readonly before: string | undefined
  readonly after: string | undefined
} {
  const [, before = '', after = ''] = /^([^:]*):?(.*)$/s.exec(text) ?? []
  const given = (part: string): string | undefined =>
    part === '' || part === '*' ? undefined : part
  return { before: given(before), after: given(after) }
}

function number(text: string | undefined, what: string): number | undefined {
  if (text === undefined) return undefined
  const value = parseInteger(text)
  if (value === undefined) throw usageError(`"${text}" is no ${what} in numbers`)
  return value
}
