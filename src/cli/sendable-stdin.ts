import { fstatSync } from 'node:fs'
import { usageError } from '../errors.ts'
import type { InputStream } from './context.ts'

/**
 * A folder on stdin, as of `< src`, reaches us as a stream that ends at once: Node takes it for
 * nothing, and what was to be sent would be lost in silence.
 *
 * @throws ERR_USAGE
 */
export function ensureSendable(stdin: InputStream): void {
  const fd = 'fd' in stdin ? stdin.fd : undefined
  if (typeof fd !== 'number' || !fstatSync(fd).isDirectory()) return
  throw usageError(
    'cannot send stdin: that is a folder',
    'To send a file: < file. To send nothing: < /dev/null',
  )
}
