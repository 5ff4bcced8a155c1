import { isInetEnd, portOf, type SocketEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'
import { addressBytes, isInBlock } from './address-block.ts'
import type {
  AddressBlock,
  AutoboundTest,
  CgroupTest,
  Comparison,
  DeviceTest,
  End,
  HostTest,
  MarkTest,
  NetlinkTest,
  PacketTest,
  PathTest,
  PortTest,
  VsockTest,
} from './expression.ts'
import { globMatcher } from './glob.ts'
import type { Missing } from './missing.ts'
import type { KnownNames } from './names.ts'
import type { PortRange } from './ports.ts'
import type { Decide, SelectionContext } from './predicate.ts'

type EndTest =
  | PortTest
  | HostTest
  | PathTest
  | PacketTest
  | NetlinkTest
  | VsockTest
  | DeviceTest
  | MarkTest
  | CgroupTest
  | AutoboundTest

/** Makes a test of where a socket is: its ends, its interface, what the kernel has marked it with. */
export function endTest(test: EndTest, { names, source }: SelectionContext): Decide {
  switch (test.kind) {
    case 'port':
      return portTest(test)
    case 'host':
      return hostTest(test, names)
    case 'path':
      return pathTest(test, source !== 'sock-diag')
    case 'packet':
      return packetTest(test, names)
    case 'netlink':
      return record => {
        const end = endOf(record, test.end)
        return (
          end?.family === 'netlink' &&
          fits(test.protocol, end.protocol) &&
          fits(test.port, end.port)
        )
      }
    case 'vsock':
      return record => {
        const end = endOf(record, test.end)
        return end?.family === 'vsock' && fits(test.cid, end.cid) && fits(test.port, end.port)
      }
    case 'device': {
      const index = names.devices.get(test.device)
      return record => {
        const own = deviceOf(record)
        return own === undefined ? NO_DEVICE : own === index
      }
    }
    case 'mark':
      return record => {
        if (!isIp(record)) return false
        const { mark } = record
        return mark === undefined ? NO_MARK : (mark & test.mask) >>> 0 === test.value
      }
    case 'cgroup': {
      const id = names.cgroups.get(test.path)
      return record => {
        if (!isIp(record) || WITHOUT_CGROUP.has(record.state)) return false
        const { cgroupId } = record
        return cgroupId === undefined ? NO_CGROUP : cgroupId === id
      }
    }
    case 'autobound':
      return record => isAutobound(record, names.ephemeralPorts)
  }
}

const NO_DEVICE: Missing = { field: 'dev' }
const NO_MARK: Missing = { field: 'fwmark' }
const NO_CGROUP: Missing = { field: 'cgroup' }
const NO_PEER: Missing = { field: 'dst' }

/** What the kernel keeps of these is no whole socket any more, or not yet. */
const WITHOUT_CGROUP: ReadonlySet<SocketRecord['state']> = new Set(['time-wait', 'syn-recv'])

function endOf({ local, remote }: SocketRecord, end: End): SocketEnd | undefined {
  if (end === 'local') return local
  return remote
}

function isIp({ family }: SocketRecord): boolean {
  return family === 'ipv4' || family === 'ipv6'
}

/** An open field fits everything. */
function fits(wanted: number | undefined, value: number): boolean {
  return wanted === undefined || wanted === value
}

/** The other end of an IP socket that has none is port 0 of no host, to the kernel and to ss(8). */
function portTest({ end, comparison, ports }: PortTest): Decide {
  if (ports === 'any') return () => true
  const holds = portMatcher(comparison, ports)
  const local = (record: SocketRecord): boolean => holds(portOf(record.local))
  const remote = (record: SocketRecord): boolean => holds(portOf(record.remote))
  if (end === 'local') return local
  if (end === 'either') return record => local(record) || remote(record)
  return record => {
    const { remote: other } = record
    return other === undefined && isIp(record) ? holds(0) : holds(portOf(other))
  }
}

/** Makes the test of one port. */
export function portMatcher(
  comparison: Comparison,
  ports: readonly PortRange[],
): (port: number | undefined) => boolean {
  const ranges = rangesOf(comparison, ports)
  return port =>
    port !== undefined && ranges.some(({ first, last }) => port >= first && port <= last)
}

/** The ports for which a comparison holds. */
export function rangesOf(
  comparison: Comparison,
  ports: readonly PortRange[],
): readonly PortRange[] {
  const [bound] = ports
  if (comparison === '=' || bound === undefined) return ports
  const { first } = bound
  const range = {
    '>=': { first, last: 65_535 },
    '>': { first: first + 1, last: 65_535 },
    '<=': { first: 0, last: first },
    '<': { first: 0, last: first - 1 },
  }[comparison]
  return range.first > range.last ? [] : [range]
}

/** Hosts come again and again, and take longer to read than to compare. */
const MOST_REMEMBERED = 4096

function hostTest({ end, host, port }: HostTest, names: KnownNames): Decide {
  const blocks = 'name' in host ? (names.hosts.get(host.name) ?? []) : [host]
  const verdicts = new Map<string, boolean>()
  return record => {
    if (!isIp(record)) return false
    const one = endOf(record, end) ?? NOWHERE[record.family === 'ipv6' ? 'ipv6' : 'ipv4']
    if (!isInetEnd(one)) return false
    if (port !== undefined && (one.port < port.first || one.port > port.last)) return false
    let verdict = verdicts.get(one.host)
    if (verdict === undefined) {
      verdict = isInBlocks(blocks, one.host)
      if (verdicts.size < MOST_REMEMBERED) verdicts.set(one.host, verdict)
    }
    return verdict
  }
}

const NOWHERE = {
  ipv4: { family: 'ipv4', host: '0.0.0.0', port: 0 },
  ipv6: { family: 'ipv6', host: '::', port: 0 },
} as const

/** An IPv4 block has the IPv4 peers of dual-stack sockets too, which the kernel shows as mapped. */
function isInBlocks(blocks: readonly AddressBlock[], host: string): boolean {
  const family = host.includes(':') ? 'ipv6' : 'ipv4'
  const bytes = addressBytes(family, host)
  if (bytes === undefined) return false
  const mapped = family === 'ipv6' && isInBlock(bytes, MAPPED) ? bytes.slice(12) : undefined
  return blocks.some(block => {
    const own = block.family === family ? bytes : block.family === 'ipv4' ? mapped : undefined
    return own !== undefined && isInBlock(own, block)
  })
}

/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
const MAPPED: AddressBlock = {
  family: 'ipv6',
  bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0],
  prefixBits: 96,
}

/** @param mayLackPeers whether the source leaves out the other end where there is one */
function pathTest({ end, pattern }: PathTest, mayLackPeers: boolean): Decide {
  const matches = globMatcher(pattern)
  return record => {
    if (record.family !== 'unix') return false
    const one = endOf(record, end)
    if (one === undefined && mayLackPeers && record.state === 'established') return NO_PEER
    // A NUL in an abstract name is shown as @, as in ss.
    return matches(one?.family === 'unix' ? one.path.replaceAll('\0', '@') : '')
  }
}

function packetTest({ end, protocol, device }: PacketTest, names: KnownNames): Decide {
  const index = device === undefined ? undefined : (names.devices.get(device) ?? -1)
  return record => {
    const one = endOf(record, end)
    return (
      one?.family === 'packet' && fits(protocol, one.protocol) && fits(index, one.interfaceIndex)
    )
  }
}

/** 0: none. Undefined where it is not told. */
function deviceOf({ family, local, interfaceIndex }: SocketRecord): number | undefined {
  if (local.family === 'packet') return local.interfaceIndex
  return family === 'ipv4' || family === 'ipv6' ? interfaceIndex : 0
}

/** Whether the system has chosen the local end, as far as can be told from it. */
function isAutobound({ local }: SocketRecord, ephemeral: PortRange): boolean {
  switch (local.family) {
    case 'unix':
      return local.path === '' || /^@[\da-f]{5}$/.test(local.path)
    case 'packet':
      return local.protocol === 0 && local.interfaceIndex === 0
    case 'netlink':
      return local.port > 0x7fffffff || local.port < 0
    case 'vsock':
      return local.port > 1023
    default:
      return local.port >= ephemeral.first && local.port <= ephemeral.last
  }
}
