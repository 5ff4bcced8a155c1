import { SockctlError } from '../../errors.ts'
import { closestWord } from '../../terminal-text.ts'
import { addressBytes } from './address-block.ts'
import { type AddressBlock, type Expression, type IpFamily, testsOf } from './expression.ts'
import type { PortRange } from './ports.ts'

/** What the names in an expression stand for on this machine, by what was typed. */
export interface KnownNames {
  readonly hosts: ReadonlyMap<string, readonly AddressBlock[]>
  /** Interfaces, by number. */
  readonly devices: ReadonlyMap<string, number>
  readonly cgroups: ReadonlyMap<string, number>
  /** From which the system chooses. */
  readonly ephemeralPorts: PortRange
}

/** How names are looked up: a system of its own. */
export interface NameSystem {
  /** Every address of a host, as literals. */
  addressesOf(name: string): Promise<readonly string[]>
  /** The number of an interface; undefined when there is none of this name. */
  interfaceIndex(name: string): Promise<number | undefined>
  /** The names of all interfaces, for a guess. */
  interfaceNames(): readonly string[]
  /** The number of a cgroup by the path of its folder; undefined when there is none. */
  cgroupId(path: string): number | undefined
  ephemeralPorts(): PortRange
}

/**
 * Looks up the names of hosts, interfaces and cgroups in an expression.
 *
 * @throws ERR_NOT_FOUND when one stands for nothing
 */
export async function lookUpNames(
  expression: Expression | undefined,
  system: NameSystem,
): Promise<KnownNames> {
  const hosts = new Map<string, readonly AddressBlock[]>()
  const devices = new Map<string, number>()
  const cgroups = new Map<string, number>()
  for (const test of testsOf(expression)) {
    if (test.kind === 'host' && 'name' in test.host) {
      hosts.set(test.host.name, await addressesOf(test.host, system))
    }
    if (test.kind === 'device' || (test.kind === 'packet' && test.device !== undefined)) {
      const name = test.device ?? ''
      devices.set(name, await deviceOf(name, system))
    }
    if (test.kind === 'cgroup') cgroups.set(test.path, cgroupOf(test.path, system))
  }
  const isAsked = testsOf(expression).some(({ kind }) => kind === 'autobound')
  const ephemeralPorts = isAsked ? system.ephemeralPorts() : NO_PORTS
  return { hosts, devices, cgroups, ephemeralPorts }
}

const NO_PORTS: PortRange = { first: 1, last: 0 }

async function addressesOf(
  { name, family }: { readonly name: string; readonly family: IpFamily | undefined },
  system: NameSystem,
): Promise<AddressBlock[]> {
  const blocks: AddressBlock[] = []
  for (const address of await system.addressesOf(name)) {
    const own: IpFamily = address.includes(':') ? 'ipv6' : 'ipv4'
    const bytes = addressBytes(own, address)
    if (bytes === undefined || (family !== undefined && family !== own)) continue
    blocks.push({ family: own, bytes, prefixBits: 8 * bytes.length })
  }
  if (blocks.length > 0) return blocks
  const kind = family === undefined ? '' : family === 'ipv4' ? 'IPv4 ' : 'IPv6 '
  throw new SockctlError('ERR_NOT_FOUND', `the host "${name}" has no ${kind}address`)
}

async function deviceOf(name: string, system: NameSystem): Promise<number> {
  const index = await system.interfaceIndex(name)
  if (index !== undefined) return index
  if (/^\d{1,9}$/.test(name)) return Number(name)
  const close = closestWord(name, system.interfaceNames())
  const all = system.interfaceNames().join(', ')
  const hint = close === undefined ? `There are ${all}.` : `Did you mean ${close}?`
  throw new SockctlError('ERR_NOT_FOUND', `there is no interface "${name}"`, { hints: [hint] })
}

function cgroupOf(path: string, system: NameSystem): number {
  const id = system.cgroupId(path)
  if (id !== undefined) return id
  throw new SockctlError('ERR_NOT_FOUND', `there is no cgroup "${path}"`, {
    hints: ['Write its folder, as /sys/fs/cgroup/system.slice or /system.slice.'],
  })
}
