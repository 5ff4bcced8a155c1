import { usageError } from '../../../errors.ts'
import { ownershipIn } from '../../../inspect/explain/ownership.ts'
import { interfaceNames } from '../../../inspect/interfaces.ts'
import { placesIn } from '../../../inspect/owners/places.ts'
import { planSelection } from '../../../inspect/select/plan.ts'
import { asksForOwners } from '../../../inspect/select/selection.ts'
import { userNames } from '../../../inspect/users.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { type Beat, type Choose, SelectedWatch } from '../../../inspect/watch/selected-watch.ts'
import { SocketWatch } from '../../../inspect/watch/socket-watch.ts'
import type { Context } from '../../context.ts'
import { lookUpsFor } from './look-ups.ts'
import type { InspectFlags, Question } from './question.ts'
import { readWhere } from './where.ts'

/** One look at what was asked for, and how to name what belongs to it. */
export interface WatchedList {
  readonly beat: Beat
  /** Without the sockets that are gone. */
  readonly list: SocketList
}

/** What is to be watched. */
export interface WatchOrder {
  readonly question: Pick<Question, 'selection'>
  readonly needs: {
    readonly owners: boolean
    readonly details: Question['selection']['details']
  }
  readonly flags: InspectFlags
  readonly context: Context
  /** How much of the time may go into looking for the holders of new sockets. */
  readonly ownerShare?: number
}

/**
 * Prepares to look at what was asked for again and again.
 *
 * @returns the function that looks once more
 * @throws ERR_USAGE when processes are asked for where there are none; else as `planSelection`
 */
export async function watchList({
  question: { selection },
  needs,
  flags,
  context,
  ownerShare,
}: WatchOrder): Promise<() => Promise<WatchedList>> {
  const userName = userNames()
  const interfaceName = interfaceNames()
  const where = await readWhere(flags)
  const wantsOwners = needs.owners || where.belongsIn !== undefined
  const details = new Set([...(selection.details ?? []), ...(needs.details ?? [])])
  const plan = await planSelection({ ...selection, details }, { wantsOwners, userName })
  const watch = new SocketWatch({
    wanted: plan.wanted,
    owners: wantsOwners && plan.mayNeedOwners,
    now: () => context.now(),
    ...(ownerShare !== undefined && { ownerShare }),
    ...(flags.source !== undefined && { source: flags.source }),
    ...(flags.proc !== undefined && { procRoot: flags.proc }),
    ...(where.netns !== undefined && { netns: where.netns }),
  })
  const choose: Choose = async (snapshot, remember) => {
    const hasOwners = wantsOwners && snapshot.owners !== undefined
    if (asksForOwners(selection) && !hasOwners) {
      throw usageError(`cannot watch who holds a socket: ${flags.proc ?? '/proc'} has no processes`)
    }
    const places = placesIn(snapshot, flags.proc)
    const ownershipOf = hasOwners
      ? remember(ownershipIn(snapshot, process.getuid?.(), places.unitOf))
      : undefined
    const lookUps = await lookUpsFor(selection, snapshot, { ownershipOf, userName, places })
    const { records } = plan.select(snapshot, lookUps)
    const belongs = where.belongsIn?.(snapshot)
    return { records: belongs === undefined ? records : records.filter(belongs), ownershipOf }
  }
  const selected = new SelectedWatch(watch, choose)
  return async () => {
    const beat = await selected.look()
    const { snapshot, ownershipOf, sockets } = beat
    const places = placesIn(snapshot, flags.proc)
    const list: SocketList = {
      snapshot,
      records: sockets.map(({ record }) => record),
      ownershipOf,
      userName,
      interfaceName,
      containerOf: places.containerOf,
      cgroupName: places.cgroupName,
    }
    return { beat, list }
  }
}
