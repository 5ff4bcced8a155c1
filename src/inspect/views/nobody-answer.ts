import { errnoReason } from '../../errors.ts'
import { terminalText } from '../../terminal-text.ts'
import type { BindResult, BindTrial } from '../explain/bind-probe.ts'
import { isBindable, refusedHosts } from '../explain/refused-binds.ts'
import type { PortReport } from '../explain/report-types.ts'
import { isLinkLocal, splitZone } from '../literal-host.ts'
import { netnsText } from './end-words.ts'
import type { ReportWords } from './report.ts'
import { joined, ownerWords } from './report-words.ts'
import { unseenHolderWords } from './unseen-words.ts'

/** The sentence for a port on which nothing was seen: whether a server can listen there, or why not. */
export function nobodyAnswer(
  name: string,
  report: PortReport,
): Pick<ReportWords, 'answer' | 'tone'> {
  const { trials, host } = report
  const lower = name.replace(/^Port/, 'port')
  const bad = (answer: string): Pick<ReportWords, 'answer' | 'tone'> => ({ answer, tone: 'bad' })
  if (refusedHosts(trials).length > 0) {
    return bad(`${name} is taken, though no table shows by whom: ${unseenHolderWords(report)}.`)
  }
  if (isEach(trials, 'not-local')) {
    return bad(
      `No interface of this machine has the address ${terminalText(host ?? '')}, so nothing can listen on it.`,
    )
  }
  if (isEach(trials, 'unsupported')) {
    return bad(
      `This machine does not have the family of ${terminalText(host ?? '')}, so nothing can listen on it.`,
    )
  }
  const elsewhere = elsewhereWords(report)
  if (elsewhere !== undefined) {
    const answer = `${isBindable(trials) ? 'Nothing holds' : SEEN} ${lower} here; ${elsewhere}.`
    return { answer, tone: 'good' }
  }
  if (trials?.some(({ result }) => result === 'denied')) {
    return bad(`${SEEN} ${lower}, but you may not listen on it: ${denialWords(report)}.`)
  }
  const untried = trials?.filter(({ result }) => result === 'failed') ?? []
  if (untried.length > 0) {
    return bad(
      `${SEEN} ${lower}, but whether a server can listen on it could not be tried: ${joined(untriedReasons(untried))}.`,
    )
  }
  return isBindable(trials)
    ? { answer: `Nothing holds ${lower}: a server can listen on it.`, tone: 'good' }
    : { answer: `${SEEN} ${lower}; no bind has shown that.`, tone: 'plain' }
}

/** Only a bind shows that nothing holds a port: what is only bound, /proc does not tell. */
const SEEN = 'Nothing is seen to hold'

function isEach(trials: readonly BindTrial[] | undefined, wanted: BindResult): boolean {
  return trials?.every(({ result }) => result === wanted) ?? false
}

function elsewhereWords({ otherNamespaces, otherOwners }: PortReport): string | undefined {
  const [elsewhere] = otherNamespaces
  if (elsewhere === undefined) return undefined
  const ownership = otherOwners?.(elsewhere)
  const [owner] = ownership?.kind === 'held' ? ownership.owners : []
  const where = elsewhere.netns === undefined ? '' : ` ${netnsText(elsewhere.netns)}`
  const who = owner === undefined ? 'somebody' : ownerWords(owner)
  return `${who} has it in the network namespace${where}, which is no conflict`
}

function denialWords({ port, firstUnprivileged }: PortReport): string {
  return port < firstUnprivileged
    ? `ports below ${firstUnprivileged} are for root`
    : 'the system forbids it'
}

/** Each reason once, with the errno: `this process is out of file descriptors (EMFILE)`. */
function untriedReasons(untried: readonly BindTrial[]): string[] {
  return [...new Set(untried.map(untriedReason))]
}

function untriedReason({ host, errno = '' }: BindTrial): string {
  const { zone } = splitZone(host)
  if (errno === 'EINVAL' && isLinkLocal(host) && zone === undefined) {
    return `a link-local address needs its interface, as in ${host}%eth0 (EINVAL)`
  }
  const reason = errnoReason(errno)
  return reason === undefined ? terminalText(errno) : `${reason} (${errno})`
}
