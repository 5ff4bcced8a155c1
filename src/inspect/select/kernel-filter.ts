import { and, NOTHING, not, operation, or, type Program, uint32, uint64 } from './bytecode.ts'
import { portMatcher, rangesOf } from './end-tests.ts'
import type { AddressBlock, End, Expression, HostTest, PortTest, Test } from './expression.ts'
import type { KnownNames } from './names.ts'
import type { PortRange } from './ports.ts'

/**
 * Makes the program that leaves sockets in the kernel which an expression cannot select. What it
 * cannot ask the kernel it leaves open, so that more may pass than is selected, never less. Marks
 * are left open too: with them in it the kernel answers only those with CAP_NET_ADMIN.
 *
 * @returns undefined where every socket could pass, or the program would be too long
 */
export function kernelFilter(
  expression: Expression | undefined,
  names: KnownNames,
): Uint8Array | undefined {
  if (expression === undefined) return undefined
  const program = compile(expression, { names, isTurned: false })
  return program === undefined ? undefined : Uint8Array.from(program)
}

/** Makes the program that leaves all sockets in the kernel but those whose own port this is. */
export function localPortFilter(port: number): Uint8Array | undefined {
  const ports = [{ first: port, last: port }]
  const names = {
    hosts: new Map(),
    devices: new Map(),
    cgroups: new Map(),
    ephemeralPorts: NO_PORTS,
  }
  return kernelFilter({ kind: 'port', end: 'local', comparison: '=', ports }, names)
}

const NO_PORTS: PortRange = { first: 1, last: 0 }

interface Compilation {
  readonly names: KnownNames
  /** A "not" stands before it: "and" becomes "or" of what is turned around. */
  readonly isTurned: boolean
}

function compile(expression: Expression, compilation: Compilation): Program {
  const { isTurned, names } = compilation
  switch (expression.kind) {
    case 'not':
      return compile(expression.part, { ...compilation, isTurned: !isTurned })
    case 'and':
    case 'or': {
      const parts = expression.parts.map(part => compile(part, compilation))
      return (expression.kind === 'and') !== isTurned ? all(parts) : any(parts)
    }
    default: {
      if (isEverything(expression)) return isTurned ? NOTHING : undefined
      const program = compileTest(expression, names)
      return program !== undefined && isTurned ? not(program) : program
    }
  }
}

function isEverything(test: Test): boolean {
  return test.kind === 'port' && test.ports === 'any'
}

/** Parts that could not be compiled are open, and so are those for which there is no room. */
function all(parts: readonly Program[]): Program {
  return parts.reduceRight<Program>((rest, part) => {
    if (part === undefined || rest === undefined) return rest ?? part
    return and(part, rest) ?? rest
  }, undefined)
}

/** One part that is open opens it all. */
function any(parts: readonly Program[]): Program {
  if (parts.length === 0) return NOTHING
  return parts.reduceRight<Program>((rest, part, index) => {
    if (index === parts.length - 1) return part
    return rest === undefined || part === undefined ? undefined : or(part, rest)
  }, undefined)
}

/** INET_DIAG_BC_*. */
const SOURCE_AT_LEAST = 2
const SOURCE_AT_MOST = 3
const DESTINATION_AT_LEAST = 4
const DESTINATION_AT_MOST = 5
const SOURCE_HOST = 7
const DESTINATION_HOST = 8
const DEVICE = 9
const CGROUP = 13

/** Every test that is compiled holds for exactly those IP sockets for which its program does. */
function compileTest(test: Test, names: KnownNames): Program {
  switch (test.kind) {
    case 'port':
      return compilePort(test)
    case 'host':
      return compileHost(test, names)
    case 'device': {
      const index = names.devices.get(test.device)
      return index === undefined ? undefined : operation(DEVICE, 8, 12, uint32(index))
    }
    case 'cgroup': {
      const id = names.cgroups.get(test.path)
      return id === undefined ? undefined : operation(CGROUP, 12, 16, uint64(id))
    }
    default:
      return undefined
  }
}

function compilePort({ end, comparison, ports }: PortTest): Program {
  if (ports === 'any') return undefined
  const ranges = rangesOf(comparison, ports)
  if (end !== 'either') return any(ranges.map(range => compileRange(end, range)))
  // The kernel has port 0 where there is no other end, which to us has no port.
  if (portMatcher('=', ranges)(0)) return undefined
  return any(
    (['local', 'remote'] as const).flatMap(one => ranges.map(range => compileRange(one, range))),
  )
}

/** A single port is asked for as an address without a host: every kernel can, and it is shorter. */
function compileRange(end: End, { first, last }: PortRange): Program {
  if (first === last) return hostCondition(end, undefined, first)
  const [atLeast, atMost] =
    end === 'local'
      ? [SOURCE_AT_LEAST, SOURCE_AT_MOST]
      : [DESTINATION_AT_LEAST, DESTINATION_AT_MOST]
  if (first === 0) return portOperation(atMost, last)
  if (last === 65_535) return portOperation(atLeast, first)
  return and(portOperation(atLeast, first), portOperation(atMost, last))
}

/** The port stands in the `no` of a second operation. */
function portOperation(code: number, port: number): readonly number[] {
  return operation(code, 8, 12, operation(0, 0, port))
}

function compileHost({ end, host, port }: HostTest, names: KnownNames): Program {
  const blocks = 'name' in host ? (names.hosts.get(host.name) ?? []) : [host]
  const isRange = port !== undefined && port.first !== port.last
  const address = any(
    blocks.map(block => hostCondition(end, block, isRange ? undefined : port?.first)),
  )
  return isRange ? all([compileRange(end, port), address]) : address
}

/** struct inet_diag_hostcond: family u8, prefix_len u8, two unused, port i32, and the address. */
function hostCondition(
  end: End,
  block: AddressBlock | undefined,
  port: number | undefined,
): Program {
  const family = block === undefined ? 0 : block.family === 'ipv4' ? AF_INET : AF_INET6
  const condition = [
    ...[family, block?.prefixBits ?? 0, 0, 0],
    ...uint32(port ?? ANY_PORT),
    ...(block?.bytes ?? []),
  ]
  const length = 4 + condition.length
  return operation(end === 'local' ? SOURCE_HOST : DESTINATION_HOST, length, length + 4, condition)
}

/** linux/socket.h; and -1 as the kernel reads it. */
const AF_INET = 2
const AF_INET6 = 10
const ANY_PORT = 0xffffffff
