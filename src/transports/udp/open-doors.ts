import type { Socket } from 'node:dgram'
import { type InetAddress, inetAddress } from '../../address.ts'
import { errnoOf, systemError } from '../../errors.ts'
import { formatBytes } from '../../units.ts'
import type { Door } from './doors.ts'
import { joinGroup, type Membership } from './group.ts'
import { AMPLE_RECEIVE_BYTES, bindSocket, localAddress, setBuffers } from './socket.ts'
import type { BufferSizes } from './types.ts'

/** A door with its socket. */
export interface OpenDoor extends Door {
  readonly socket: Socket
}

/** Where an open door really stands: with its port, and its zone, which the socket does not tell. */
export function addressOf({ socket, host }: OpenDoor): InetAddress {
  const bound = localAddress(socket)
  return host.includes('%') ? inetAddress(host, bound.port) : bound
}

/** How often another port is drawn when the one that the first door got is taken on the next. */
const PORT_DRAWS = 20

/**
 * Binds all doors to one port, or none. Port 0 is drawn once and must be free on all. An address
 * that this machine does not have (no IPv6, or one that has just gone) is left out, unless none
 * would remain. Rejects with Node's own error.
 */
export async function openDoors(doors: readonly Door[], port: number): Promise<OpenDoor[]> {
  for (let draw = 1; ; draw++) {
    const open: OpenDoor[] = []
    try {
      let absent: unknown
      for (const door of doors) {
        const first = open[0]?.socket
        const shared = door.group !== undefined
        const options = { ...door, shared, port: first ? localAddress(first).port : port }
        try {
          open.push({ ...door, socket: await bindSocket(options) })
        } catch (error) {
          if (!isAbsent(error)) throw error
          absent = error
        }
      }
      if (open.length === 0) throw absent
      return open
    } catch (error) {
      for (const { socket } of open) socket.close()
      const drawAgain = port === 0 && errnoOf(error) === 'EADDRINUSE' && draw < PORT_DRAWS
      if (!drawAgain) throw error
    }
  }
}

function isAbsent(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errnoOf(error) ?? '')
}

/**
 * Joins the groups of all doors.
 *
 * @param onTrouble told about each interface where a group could not be joined
 * @throws ERR_NOT_FOUND, ERR_SYSTEM when a group could be joined nowhere
 */
export function joinGroups(
  doors: readonly OpenDoor[],
  onTrouble: (text: string) => void,
): readonly Membership[] {
  const results = doors.flatMap(({ socket, group }) =>
    group === undefined ? [] : [joinGroup(socket, group.address, group.interfaces)],
  )
  const joined = results.flatMap(one => one.joined)
  const errors = results.flatMap(one =>
    one.failed.map(({ group, error, ...on }) =>
      systemError(`cannot join ${group} on ${on.interface}`, error),
    ),
  )
  const [first] = errors
  if (joined.length === 0 && first !== undefined) throw first
  for (const { message } of errors) onTrouble(message)
  return joined
}

/** Sets the kernel's buffers of all doors, and tells where it gives less than was asked for. */
export function sizeBuffers(
  doors: readonly OpenDoor[],
  sizes: BufferSizes,
  onTrouble: (text: string) => void,
): void {
  const told = new Set<string>()
  for (const { socket } of doors) {
    // No promise is made about the default: what the kernel cuts from it is not worth a word.
    if (sizes.receiveBytes === undefined) setBuffers(socket, { receiveBytes: AMPLE_RECEIVE_BYTES })
    for (const { buffer, wantedBytes, givenBytes } of setBuffers(socket, sizes)) {
      const [given, wanted] = [givenBytes, wantedBytes].map(formatBytes)
      told.add(`the system gives a ${buffer} buffer of ${given} at most, not ${wanted}`)
    }
  }
  for (const text of told) onTrouble(text)
}
