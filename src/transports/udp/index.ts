import type { InetEndpoint } from '../../endpoint/types.ts'
import type { Transport } from '../types.ts'
import { dial } from './dial.ts'
import { listen } from './listen.ts'

/** UDP (RFC 768) as conversations: what one address says to another, a message per datagram. */
export const udp: Transport<InetEndpoint> = { dial, listen }
