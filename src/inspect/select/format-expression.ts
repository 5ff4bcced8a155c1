import { formatBlock } from './address-block.ts'
import type {
  Expression,
  HostTest,
  NetlinkTest,
  NumberField,
  NumberTest,
  PacketTest,
  PortTest,
  Test,
  VsockTest,
} from './expression.ts'
import type { PortRange } from './ports.ts'

/**
 * Writes an expression in the filter language, with every bracket, so that it reads the same to
 * everybody. `parseFilter` reads it back.
 */
export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.parts.map(bracketed).join(` ${expression.kind} `)
    case 'not':
      return `not ${bracketed(expression.part)}`
    default:
      return formatTest(expression)
  }
}

function bracketed(part: Expression): string {
  const text = formatExpression(part)
  return part.kind === 'and' || part.kind === 'or' ? `(${text})` : text
}

function formatTest(test: Test): string {
  switch (test.kind) {
    case 'state':
      return `state = ${[...test.states].join(',')}`
    case 'port':
      return formatPortTest(test)
    case 'host':
      return formatHostTest(test)
    case 'path':
      return `${field(test)} unix:${escaped(test.pattern)}`
    case 'packet':
    case 'netlink':
    case 'vsock':
      return formatEndTest(test)
    case 'device':
      return `dev = ${escaped(test.device)}`
    case 'mark':
      return `fwmark = ${hex(test.value)}${test.mask === 0xffffffff ? '' : `/${hex(test.mask)}`}`
    case 'cgroup':
      return `cgroup = ${escaped(test.path)}`
    case 'autobound':
      return 'autobound'
    case 'number':
      return formatNumberTest(test)
    case 'text':
      return `${test.field} ${test.isPart ? 'has' : '='} ${test.values.map(escaped).join(',')}`
  }
}

function field({ end }: { readonly end: 'local' | 'remote' }): string {
  return end === 'local' ? 'src' : 'dst'
}

function formatPortTest({ end, comparison, ports }: PortTest): string {
  const name = { local: 'sport', remote: 'dport', either: 'port' }[end]
  const value = ports === 'any' || ports.length === 0 ? '*' : ports.map(formatRange).join(',')
  return `${name} ${comparison} ${value === '*' ? value : `:${value}`}`
}

function formatRange({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}-${last}`
}

function formatHostTest({ end, host, port }: HostTest): string {
  const after = port === undefined ? '' : `:${formatRange(port)}`
  if ('name' in host) {
    const family = host.family === undefined ? '' : host.family === 'ipv4' ? 'inet:' : 'inet6:'
    return `${field({ end })} ${family}${host.name}${after}`
  }
  const block = formatBlock(host)
  return `${field({ end })} ${host.family === 'ipv6' ? `[${block}]` : block}${after}`
}

function formatEndTest(test: PacketTest | NetlinkTest | VsockTest): string {
  const [family, before, after] =
    test.kind === 'packet'
      ? ['link', test.protocol, test.device]
      : test.kind === 'netlink'
        ? ['netlink', test.protocol, test.port]
        : ['vsock', test.cid, test.port]
  return `${field(test)} ${family}:${before ?? '*'}:${after === undefined ? '*' : escaped(`${after}`)}`
}

function formatNumberTest({ field: name, comparison, values }: NumberTest): string {
  return `${name} ${comparison} ${values.map(value => `${value}${UNITS[name] ?? ''}`).join(',')}`
}

const UNITS: Readonly<Partial<Record<NumberField, string>>> = { rtt: 'us' }

/** A backslash before what would end the value or be read as something else. */
function escaped(text: string): string {
  return text.replaceAll(/[\s\\()&|,]/g, '\\$&').replace(/^(?:[!&|=<>~]|(?:and|or|not)$)/i, '\\$&')
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}
