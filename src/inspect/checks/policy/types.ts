import type { AddressBlock } from '../../select/expression.ts'
import type { PortRange } from '../../select/ports.ts'

/**
 * Which addresses may be listened on, and by which process: a file of one rule per line.
 *
 *   # comment
 *   default deny
 *   tcp 127.0.0.1:5432 postgres
 *   tcp *:22 sshd user=root
 *   deny tcp *:23
 *   require unix /run/app.sock app,"my app"
 */
export interface Policy {
  /** What holds for a listener that no line names. */
  readonly byDefault: 'allow' | 'deny'
  /** In the order of the file: the first one that fits decides. */
  readonly rules: readonly PolicyRule[]
}

export interface PolicyRule {
  /** Its line in the file, from 1. */
  readonly line: number
  /** `require` allows, and fails where there is no such listener. */
  readonly kind: 'allow' | 'deny' | 'require'
  readonly protocol: PolicyProtocol
  readonly place: Place
  /** Names that every holder has to have one of (`deny`: that one has). Empty: any. */
  readonly processes: readonly Name[]
  /** Who made the socket: a name or a uid. Undefined: anybody. */
  readonly user: string | undefined
}

export type PolicyProtocol = 'tcp' | 'udp' | 'unix'

export const POLICY_PROTOCOLS: readonly PolicyProtocol[] = ['tcp', 'udp', 'unix']

/** Where something listens. */
export type Place =
  | {
      /** `any` is every local address, loopback and all; `localhost` is 127.0.0.0/8 and ::1. */
      readonly addresses: 'any' | 'localhost' | AddressBlock
      /** Undefined: any. */
      readonly ports: readonly PortRange[] | undefined
    }
  | { readonly path: Name }

/**
 * A pattern as in `sockctl inspect src unix:/tmp/*`, where case does not matter; or a text that means
 * itself: in quotes, or without any of `*?[\`.
 */
export interface Name {
  readonly text: string
  readonly isLiteral: boolean
}
