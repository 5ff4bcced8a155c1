import type { Owner, Warning } from '../types.ts'

/** From which ports this machine calls out, and how long one stays taken. */
export interface PortRange {
  readonly first: number
  readonly last: number
  /** How many of them are kept for others (ip_local_reserved_ports). */
  readonly reserved: number
  /** How many that leaves. */
  readonly usable: number
  /** How long TIME_WAIT lasts, in seconds. */
  readonly timeWaitSeconds: number
  /** Whether a connect(2) may take a port in TIME_WAIT: to anywhere, within the machine, or not. */
  readonly reuse: 'all' | 'loopback' | 'none'
  /** How old a TIME_WAIT must be for that, in milliseconds. */
  readonly reuseAfterMs: number
  /** It could not be read: what is usual on such a system. */
  readonly isAssumed: boolean
}

/** The ports that are used from one address of ours to one service: they are counted by that. */
export interface Destination {
  readonly from: string
  readonly host: string
  readonly port: number
  /** Different ports of ours, in whatever state. */
  readonly used: number
  readonly timeWait: number
  readonly established: number
  /** Those in TIME_WAIT that a new connection may take already. */
  readonly reusable: number
  /** What is taken of what there is: `used` without `reusable`, in percent. */
  readonly percent: number
  /** New connections in a second, between the last two looks. Undefined: there was one look. */
  readonly perSecond: number | undefined
  /** How many new ones a second can go on for ever. */
  readonly ceilingPerSecond: number
  /** Who made them, as far as they were seen alive. */
  readonly madeBy: readonly Pick<Owner, 'pid' | 'name'>[]
  /** Of which users there are connections whose owners this user may not see. */
  readonly hidden: NonNullable<Warning['hidden']>
}
