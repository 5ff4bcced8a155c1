import { SockctlError } from '../../errors.ts'
import type { SourceName } from '../types.ts'

/**
 * What an expression asks about and nobody could say: "not so" and "not known" differ, so that an
 * answer that depends on it is none.
 */
export interface Missing {
  readonly field: MissingField
}

export type MissingField =
  | 'rtt'
  | 'retrans'
  | 'fwmark'
  | 'dev'
  | 'cgroup'
  | 'inode'
  | 'uid'
  | 'user'
  | 'rxq'
  | 'txq'
  | 'dst'
  | 'container'
  | 'unit'
  | 'netns'

/**
 * Makes the error that says what was asked about, why it is not known, and how to see it.
 *
 * @returns ERR_DENIED where a permission is missing, ERR_UNSUPPORTED otherwise
 */
export function missingError({ field }: Missing, source: SourceName): SockctlError {
  const attempt = `cannot select by ${field}`
  if (LOOKED_UP.has(field)) {
    return new SockctlError('ERR_UNSUPPORTED', `${attempt}: it was not looked up here`)
  }
  if (source !== 'sock-diag') {
    return new SockctlError('ERR_UNSUPPORTED', `${attempt}: ${source} does not tell it`, {
      hints: ['sock-diag does: on Linux, with koffi installed, and without --source and --proc.'],
    })
  }
  if (field === 'fwmark') {
    const why = 'the kernel tells marks only to those with CAP_NET_ADMIN'
    return new SockctlError('ERR_DENIED', `${attempt}: ${why}`, { hints: ['root has it.'] })
  }
  return new SockctlError('ERR_UNSUPPORTED', `${attempt}: this kernel does not tell it`)
}

/** What no table of sockets has. */
const LOOKED_UP: ReadonlySet<MissingField> = new Set(['container', 'unit', 'netns'])
