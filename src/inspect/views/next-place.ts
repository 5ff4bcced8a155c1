import type { SocketRecord } from '../types.ts'
import { shellWord } from './shell-word.ts'

/** Where a report has looked, as it was typed. Undefined: here. */
export interface ReportPlace {
  /** `--netns` */
  readonly netns: string | undefined
  /** `--proc` */
  readonly proc: string | undefined
}

/** What to type to ask something else of the same place. */
export function inspectThere(words: string, { netns, proc }: ReportPlace): string {
  return [
    'sockctl inspect',
    ...(words === '' ? [] : [words]),
    ...(netns === undefined ? [] : [`--netns ${shellWord(netns)}`]),
    ...(proc === undefined ? [] : [`--proc ${shellWord(proc)}`]),
  ].join(' ')
}

/** What to type to run a command where these sockets are: nsenter(1) brings it there by one who is. */
export function runThere(
  command: string,
  records: readonly SocketRecord[],
  { pid, uid }: { readonly pid: number; readonly uid: number | undefined },
): string {
  if (!areElsewhere(records)) return command
  // Neither sockctl nor node need be on root's PATH.
  const sudo = uid === 0 ? '' : 'sudo env "PATH=$PATH" '
  return `${sudo}nsenter -t ${pid} -n ${command}`
}

/** Whether sockets are in another network namespace than this process. */
export function areElsewhere(records: readonly SocketRecord[]): boolean {
  return records.some(({ netns }) => netns?.name !== undefined)
}
