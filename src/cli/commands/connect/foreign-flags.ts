import { usageError } from '../../../errors.ts'
import type { ConnectFlags } from '../connect.ts'

/**
 * Answers the flags of other netcats that mean another command here, or mean different things in
 * different netcats.
 *
 * @throws ERR_USAGE
 */
export function rejectForeignFlags(words: readonly string[], flags: ConnectFlags): void {
  const where = words.join(' ')
  if (flags.listen) {
    const port = where === '' && flags.sourcePort !== undefined ? `:${flags.sourcePort}` : where
    throw usageError('connect does not listen', `To listen: sockctl serve ${port} --attach`)
  }
  if (flags.exec !== undefined || flags.shExec !== undefined) {
    throw usageError(
      'connect runs no commands',
      'To run one for each connection: sockctl serve --exec <command>',
    )
  }
  if (flags.interval !== undefined) {
    throw usageError(
      '-i is a pause between lines in nc and an idle timeout in ncat, and nothing here',
      `For an idle timeout: --idle ${flags.interval}`,
    )
  }
}
