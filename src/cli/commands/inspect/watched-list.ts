import { interfaceNames } from '../../../inspect/interfaces.ts'
import { placesIn } from '../../../inspect/owners/places.ts'
import { userNames } from '../../../inspect/users.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { type Beat, SelectedWatch } from '../../../inspect/watch/selected-watch.ts'
import { SocketWatch } from '../../../inspect/watch/socket-watch.ts'
import type { Context } from '../../context.ts'
import { chooseSockets } from './chosen-sockets.ts'
import type { InspectFlags, Question } from './question.ts'

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
 * @throws as `chooseSockets`
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
  const { request, choose } = await chooseSockets({ selection, needs, flags, userName, context })
  const watch = new SocketWatch({ ...request, ...(ownerShare !== undefined && { ownerShare }) })
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
