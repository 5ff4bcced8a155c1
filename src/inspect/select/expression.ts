import type { SocketState } from '../types.ts'
import type { PortRange } from './ports.ts'

/**
 * What a socket must be to be selected: tests, joined. It is what both the filter language and the
 * options `--state`, `--port`, `--pid` and `--process` are read into.
 */
export type Expression = Joined | Negated | Test

/** All of the parts, or any of them. Parts are never joined in the same way: see `allOf`. */
export interface Joined {
  readonly kind: 'and' | 'or'
  readonly parts: readonly Expression[]
}

export interface Negated {
  readonly kind: 'not'
  readonly part: Expression
}

/** A question about one record. */
export type Test =
  | StateTest
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
  | NumberTest
  | TextTest

export interface StateTest {
  readonly kind: 'state'
  readonly states: ReadonlySet<SocketState>
}

/** Which end of a socket: local, remote, or whichever fits. */
export type End = 'local' | 'remote'

export type Comparison = '=' | '>=' | '<=' | '>' | '<'

/**
 * The port of an end. With `=` one of the ranges; `any` holds for every socket, also for those
 * without ports. The others compare with the one port that is there.
 */
export interface PortTest {
  readonly kind: 'port'
  readonly end: End | 'either'
  readonly comparison: Comparison
  readonly ports: readonly PortRange[] | 'any'
}

/** An address block, or a name, whose addresses are looked up before the test is made. */
export interface HostTest {
  readonly kind: 'host'
  readonly end: End
  readonly host: AddressBlock | { readonly name: string; readonly family: IpFamily | undefined }
  readonly port: PortRange | undefined
}

export type IpFamily = 'ipv4' | 'ipv6'

/** The addresses that begin with the same bits (CIDR, RFC 4632). */
export interface AddressBlock {
  readonly family: IpFamily
  /** 4 or 16 numbers, in network byte order. */
  readonly bytes: readonly number[]
  readonly prefixBits: number
}

/** The path of a unix socket, as a pattern of glob(7) in which case does not matter. */
export interface PathTest {
  readonly kind: 'path'
  readonly end: End
  readonly pattern: string
}

/** Undefined fields are open: what they say of an end does not matter. */
export interface PacketTest {
  readonly kind: 'packet'
  readonly end: End
  readonly protocol: number | undefined
  readonly device: string | undefined
}

export interface NetlinkTest {
  readonly kind: 'netlink'
  readonly end: End
  readonly protocol: number | undefined
  readonly port: number | undefined
}

export interface VsockTest {
  readonly kind: 'vsock'
  readonly end: End
  readonly cid: number | undefined
  readonly port: number | undefined
}

/** The interface that it is bound to, by its name or number. */
export interface DeviceTest {
  readonly kind: 'device'
  readonly device: string
}

/** SO_MARK: the bits of the mask are those of the value. */
export interface MarkTest {
  readonly kind: 'mark'
  readonly value: number
  readonly mask: number
}

/** The cgroup in which it was made: the path of a folder, absolute or below the mounted root. */
export interface CgroupTest {
  readonly kind: 'cgroup'
  readonly path: string
}

/** The system has chosen its port or name. */
export interface AutoboundTest {
  readonly kind: 'autobound'
}

export type NumberField = 'pid' | 'uid' | 'inode' | 'rxq' | 'txq' | 'rtt' | 'retrans'

/** Several values only with `=`: one of them. rxq and txq are bytes, rtt is microseconds. */
export interface NumberTest {
  readonly kind: 'number'
  readonly field: NumberField
  readonly comparison: Comparison
  readonly values: readonly number[]
}

export type TextField = 'process' | 'user' | 'container' | 'netns' | 'unit'

/** One of the values: the whole of the text, or with `isPart` a part of it, where case is the same. */
export interface TextTest {
  readonly kind: 'text'
  readonly field: TextField
  readonly isPart: boolean
  readonly values: readonly string[]
}

/** Joins with "and"; undefined parts are open, and so is nothing but such. */
export function allOf(parts: readonly (Expression | undefined)[]): Expression | undefined {
  return joined('and', parts)
}

/** Joins with "or". Nothing gives undefined. */
export function anyOf(parts: readonly Expression[]): Expression | undefined {
  return joined('or', parts)
}

/** Turns an expression around. */
export function negated(part: Expression): Expression {
  return part.kind === 'not' ? part.part : { kind: 'not', part }
}

/** The tests in an expression, from left to right. */
export function testsOf(expression: Expression | undefined): readonly Test[] {
  if (expression === undefined) return []
  if (expression.kind === 'not') return testsOf(expression.part)
  if (isJoined(expression)) return expression.parts.flatMap(testsOf)
  return [expression]
}

/** Whether an expression consists of parts. */
function isJoined(expression: Expression): expression is Joined {
  return expression.kind === 'and' || expression.kind === 'or'
}

function joined(
  kind: Joined['kind'],
  parts: readonly (Expression | undefined)[],
): Expression | undefined {
  const flat: Expression[] = []
  for (const part of parts) {
    if (part === undefined) continue
    if (part.kind === kind) for (const one of part.parts) flat.push(one)
    else flat.push(part)
  }
  return flat.length < 2 ? flat[0] : { kind, parts: flat }
}
