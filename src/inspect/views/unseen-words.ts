import type { PortReport } from '../explain/report-types.ts'
import { joined, ownersWords, ownerWords } from './report-words.ts'

/** Who may have a port that no table shows: `python3 (pid 4711) probably bound it without ...`. */
export function unseenHolderWords({ candidates }: Pick<PortReport, 'candidates'>): string {
  const [one, ...more] = candidates
  if (one === undefined) return 'a process that cannot be seen from here has it'
  const who = more.length === 0 ? ownerWords(one) : `one of ${ownersWords(candidates)}`
  return `${who} probably bound it without listening`
}

/** Says what remains unexplained beside a holder that was seen; empty when nothing does. */
export function unseenWords(report: Pick<PortReport, 'candidates' | 'unseen'>): string {
  const { unseen } = report
  if (unseen.length === 0) return ''
  const where = joined(unseen)
  return ` But binding ${where} is refused, though no table shows who has it: ${unseenHolderWords(report)}.`
}
