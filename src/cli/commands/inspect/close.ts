import { SockctlError, usageError } from '../../../errors.ts'
import { mayAdministerNetwork } from '../../../inspect/act/capability.ts'
import {
  type DestroyOutcome,
  destroySockets,
  isDestroyable,
} from '../../../inspect/act/destroy-sockets.ts'
import { pidIn } from '../../../inspect/act/own-pids.ts'
import { chainAbove } from '../../../inspect/act/process-chain.ts'
import { formatEnd, isInetEnd } from '../../../inspect/ends.ts'
import { conditionOf, type Selection } from '../../../inspect/select/selection.ts'
import type { SocketRecord } from '../../../inspect/types.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { terminalText } from '../../../terminal-text.ts'
import { formatCount } from '../../../units.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { type CloseOutcome, closeResult, howManyOfWhom, keptDescriptors } from './close/words.ts'
import { consentTo } from './free/session.ts'
import type { InspectFlags, Question } from './question.ts'
import { isRoot, nothingFound } from './remarks.ts'
import { writeResults } from './results.ts'

/**
 * What `--close` has to know to begin with: whose the connections are.
 *
 * @throws ERR_USAGE when nothing was chosen, or so much that it is all there is
 */
export function questionOfClose(question: Question, flags: InspectFlags): Question {
  const { netns, container, proc, source } = flags
  if (netns !== undefined || container !== undefined || proc !== undefined) {
    throw usageError(
      '--close works in its own network namespace only',
      `Run it in there: ip netns exec ${netns ?? 'NAME'} sockctl inspect ... --close`,
    )
  }
  if (source !== undefined && source !== 'sock-diag') throw noCookies()
  const { selection, namesSockets } = question
  const isAll = conditionOf(selection) === undefined && selection.states.has('established')
  if (!namesSockets || isAll) {
    throw usageError(
      '--close needs to be told which: without a filter it would end every connection there is',
      'As in: sockctl inspect dst 10.0.0.9 --close',
    )
  }
  return { ...question, wantsOwners: true }
}

/**
 * Runs `sockctl inspect ... --close` on the sockets that were selected: says how many they are of
 * whom, asks, and ends them one by one, each under its own name in the kernel.
 *
 * @throws ERR_DENIED without CAP_NET_ADMIN, ERR_UNSUPPORTED where the kernel cannot
 */
export async function closeConnections(
  list: SocketList,
  {
    flags,
    selection,
    rootCommand,
  }: {
    readonly flags: InspectFlags
    readonly selection: Selection
    readonly rootCommand: string
  },
  context: Context,
): Promise<number> {
  const { snapshot } = list
  const say = (line: string): void => {
    context.stderr.write(`${terminalText(line)}\n`)
  }
  if (snapshot.source !== 'sock-diag') throw noCookies()
  const own = ownSession(context, list)
  const chosen = list.records.filter(one => isDestroyable(one) && !own(one))
  const spared = list.records.filter(own)
  const leftAlone = list.records.length - chosen.length - spared.length
  if (leftAlone > 0) {
    say(`${formatCount(leftAlone, 'socket')} left alone: listeners, and what has no other end`)
  }
  if (spared.length > 0) say('This session itself is left alone: ssh came in by it')
  const finish = async (
    outcomes: ReadonlyMap<SocketRecord, CloseOutcome>,
    code: number,
  ): Promise<number> => {
    const results = list.records.map(one =>
      closeResult(one, outcomes.get(one) ?? 'left-alone', list),
    )
    if (flags.json) await writeResults(results, snapshot, context)
    return code
  }
  const all = (outcome: CloseOutcome): ReadonlyMap<SocketRecord, CloseOutcome> =>
    new Map(chosen.map(one => [one, outcome]))
  if (chosen.length === 0) {
    say(
      list.records.length === 0
        ? nothingFound(selection)
        : 'No connection that could be ended was selected',
    )
    return finish(new Map(), EXIT_CODES.no.code)
  }
  for (const line of howManyOfWhom(chosen, list)) say(line)
  const isDenied = mayAdministerNetwork() === false
  if (flags.dryRun) {
    const but = isDenied ? `, but that takes ${RIGHT}` : ''
    say(`${formatCount(chosen.length, 'connection')} would be ended${but}`)
    if (!isDenied) return finish(all('would-close'), EXIT_CODES.ok.code)
    say(rightHint(rootCommand))
    return finish(all('denied'), EXIT_CODES.denied.code)
  }
  if (isDenied) throw denied(rootCommand)
  const consent = await consentTo(`End ${formatCount(chosen.length, 'connection')}?`, {
    flags,
    context,
  })
  if (consent !== 'yes') {
    const why = ': there is no terminal to ask on, and --yes was not given'
    say(`Nothing was ended${consent === 'declined' ? '' : why}`)
    return finish(all(consent), EXIT_CODES.no.code)
  }
  const outcomes = await endAll(chosen, rootCommand)
  const count = (outcome: CloseOutcome): number =>
    [...outcomes.values()].filter(one => one === outcome).length
  const [ended, vanished] = [count('closed'), count('vanished')]
  const failed = chosen.length - ended - vanished
  say(`${ended} ended, ${vanished} gone before, ${failed} failed`)
  for (const line of keptDescriptors(chosen, outcomes, list)) say(line)
  return finish(outcomes, failed > 0 ? EXIT_CODES.no.code : EXIT_CODES.ok.code)
}

async function endAll(
  records: readonly SocketRecord[],
  rootCommand: string,
): Promise<ReadonlyMap<SocketRecord, CloseOutcome>> {
  const outcomes = await destroySockets(records)
  if ([...outcomes.values()].includes('denied')) throw denied(rootCommand)
  if ([...outcomes.values()].every(one => one === 'unsupported')) {
    throw new SockctlError(
      'ERR_UNSUPPORTED',
      'cannot end connections: this kernel is built without it (CONFIG_INET_DIAG_DESTROY), or not for these',
    )
  }
  return new Map([...outcomes].map(([record, outcome]) => [record, closeOutcome(outcome)]))
}

function closeOutcome(outcome: DestroyOutcome): CloseOutcome {
  if (outcome === 'closed') return 'closed'
  return outcome === 'vanished' ? 'vanished' : 'failed'
}

/**
 * Makes the test for the connection by which the user is here: the one that ssh has told, or, as sudo
 * keeps that to itself, one that is held by the ssh server above this process.
 */
function ownSession(
  { env }: Context,
  { ownershipOf }: SocketList,
): (record: SocketRecord) => boolean {
  const above = new Set(chainAbove(pidIn() ?? process.pid))
  const isTold = toldSession(env)
  return record => {
    const ownership = ownershipOf?.(record)
    const owners = ownership?.kind === 'held' ? ownership.owners : []
    return isTold(record) || owners.some(({ pid, name }) => /^sshd/.test(name) && above.has(pid))
  }
}

function toldSession(env: Context['env']): (record: SocketRecord) => boolean {
  const [clientHost, clientPort, serverHost, serverPort] = (env.SSH_CONNECTION ?? '').split(' ')
  if (serverPort === undefined) return () => false
  const plain = (text: string): string => text.replace(/^(?:\[)?(?:::ffff:)?([^\]%]*).*$/, '$1')
  const ends = [`${serverHost} ${serverPort}`, `${clientHost} ${clientPort}`]
  return ({ local, remote }) => {
    const named = [local, remote].map(end =>
      isInetEnd(end) ? `${plain(end.host)} ${end.port}` : formatEnd(local),
    )
    return named.join() === ends.join() || named.reverse().join() === ends.join()
  }
}

function denied(rootCommand: string): SockctlError {
  return new SockctlError('ERR_DENIED', `cannot end connections: that takes ${RIGHT}`, {
    hints: [rightHint(rootCommand)],
  })
}

/** Of capabilities(7), in the network namespace of this process. */
const RIGHT = 'CAP_NET_ADMIN'

/** How to come by the right: a root without it is one whom a container has not given it. */
function rightHint(rootCommand: string): string {
  return isRoot()
    ? 'This root does not have it. In a container: start that with --cap-add NET_ADMIN'
    : `As root: ${rootCommand}`
}

function noCookies(): SockctlError {
  return new SockctlError(
    'ERR_UNSUPPORTED',
    'cannot end connections: only sock_diag tells them apart for good, and it is not the source here',
  )
}
