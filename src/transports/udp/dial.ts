import { formatAddress } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { InetEndpoint } from '../../endpoint/types.ts'
import { errnoOf, systemError } from '../../errors.ts'
import type { DialOptions } from '../types.ts'
import { UdpChannel } from './channel.ts'
import { type Destination, destinationsOf } from './destination.ts'
import { openSendSocket, type SendSocket } from './send-socket.ts'

/**
 * Begins a conversation: a socket that hears this peer alone. Nothing is sent, and whether somebody
 * is there shows when something is. Of a name with several addresses it is the first that this
 * machine has a way to; of `localhost` 127.0.0.1.
 *
 * @throws ERR_NOT_FOUND, ERR_REFUSED, ERR_IN_USE
 */
export async function dial(endpoint: InetEndpoint, options: DialOptions): Promise<Channel> {
  const { localHost, localPort, family, numeric, onAttempt } = options
  const destinations = await destinationsOf(endpoint, { localHost, family, numeric })
  let failure: unknown
  for (const destination of destinations) {
    const startedAt = performance.now()
    const tell = (error: Error | undefined): void => {
      const durationMs = performance.now() - startedAt
      onAttempt?.({ address: destination.address, error, durationMs })
    }
    try {
      const sender = await openSendSocket(destination, { localHost, localPort })
      tell(undefined)
      return converse(sender, destination)
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      if (error instanceof Error) tell(error)
      failure ??= error
    }
  }
  throw systemError(`cannot connect to ${formatEndpoint(endpoint)}`, failure)
}

function converse({ socket, local, isConnected }: SendSocket, { address }: Destination): Channel {
  const channel = new UdpChannel(
    {
      send: (data, done) =>
        isConnected ? socket.send(data, done) : socket.send(data, address.port, address.host, done),
      leave: () => socket.close(),
      endsWithUs: false,
    },
    local,
    address,
  )
  const { duplex } = channel
  socket.on('message', data => duplex.deliver(data))
  // Of a connected socket: what ICMP says of the peer (udp(7)).
  socket.on('error', error => {
    duplex.destroy(Object.assign(error, { address: formatAddress(address) }))
  })
  return channel
}
