import { SockctlError } from '../../../errors.ts'
import { processAccess } from '../../../inspect/explain/process-access.ts'
import { hiddenReason } from '../../../inspect/owners/hidden-owners.ts'
import { asksForOwners, type Selection } from '../../../inspect/select/selection.ts'
import type { Snapshot } from '../../../inspect/types.ts'
import type { Seen } from './look.ts'
import type { InspectFlags, Question } from './question.ts'
import { hiddenOwners, isRoot, nothingFound } from './remarks.ts'

/**
 * Makes sure that finding nothing means that there is nothing.
 *
 * @throws ERR_NOT_FOUND when a process is missing, ERR_DENIED when owners are hidden
 */
export function ensureAllWasSeen(
  { selection }: Question,
  {
    list,
    candidates,
    flags,
    seeThem,
  }: Seen & { readonly flags: InspectFlags; readonly seeThem: string },
): void {
  ensureEveryNamespace(list.snapshot, selection)
  const { pids } = selection
  const access = pids.map(pid => processAccess(pid, flags.proc))
  if (pids.length > 0 && access.every(one => one === 'missing')) {
    throw new SockctlError('ERR_NOT_FOUND', `there is no process ${pids.join(' or ')}`)
  }
  if (pids.length > 0 && access.every(one => one !== 'denied')) return
  const hidden = hiddenOwners(list, candidates)
  if (!asksForOwners(selection) || hidden.count === 0) return
  const reason = hiddenReason(list.snapshot)
  const whose = `${hidden.count} hidden owners (${hidden.users}) may be what was asked for`
  throw new SockctlError('ERR_DENIED', `${nothingFound(selection)} that can be seen: ${whose}`, {
    hints: [...(reason === undefined ? [] : [`${reason}.`]), ...(isRoot() ? [] : [seeThem])],
  })
}

/** @throws ERR_DENIED when it may be in a network namespace that could not be looked into */
function ensureEveryNamespace({ warnings }: Snapshot, selection: Selection): void {
  const hidden = warnings.filter(({ code }) => code === 'netns-hidden')
  if (hidden.length === 0) return
  throw new SockctlError('ERR_DENIED', `${nothingFound(selection)} that can be seen`, {
    hints: hidden.map(({ message }) => message).slice(0, 2),
  })
}
