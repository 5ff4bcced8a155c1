import type { Address } from '../../address.ts'
import type { Farewell } from '../../channel/types.ts'
import type { Endpoint } from '../../endpoint/types.ts'
import type { Membership } from '../../transports/udp/group.ts'
import type { EventField, FieldsOf, PartName } from './types.ts'

const ADDRESS: FieldsOf<Address> = {
  family: { type: 'string', text: 'ipv4, ipv6 or unix' },
  host: { type: 'string', text: 'literal, without brackets', absent: 'unix' },
  port: { type: 'number', text: '1 to 65535', absent: 'unix' },
  path: {
    type: 'string',
    text: 'of a unix socket: a file, @name, or "" for one without a name',
    absent: 'ipv4 and ipv6',
  },
}

const ENDPOINT: FieldsOf<Endpoint> = {
  scheme: {
    type: 'string',
    text: 'tcp, tls, udp, ws, wss, socketio, socketios, unix or fd',
  },
  host: { type: 'string', text: 'a name or an address', absent: 'unix and fd, or none was given' },
  port: { type: 'number', text: '1 to 65535', absent: 'unix and fd' },
  path: {
    type: 'string',
    text: 'of a WebSocket; for Socket.IO the namespace; of a unix socket as in an address',
    absent: 'the other schemes',
  },
  fd: { type: 'number', text: 'an inherited descriptor', absent: 'all but fd' },
}

const FAREWELL: FieldsOf<Farewell> = {
  by: { type: 'string', text: 'who closed first: peer or us' },
  code: { type: 'number', text: 'as RFC 6455 has them; 1006: it broke, and nobody closed' },
  reason: { type: 'string', text: 'as the side that closed gave it, or ""' },
}

const MEMBERSHIP: FieldsOf<Membership> = {
  group: { type: 'string', text: 'the address of the multicast group' },
  interface: { type: 'string', text: 'where it was joined' },
  address: { type: 'string', text: 'of the interface', absent: 'IPv6' },
}

/** The keys of the objects that stand in several events. */
export const PARTS: Readonly<Record<PartName, Readonly<Record<string, EventField>>>> = {
  address: ADDRESS,
  endpoint: ENDPOINT,
  farewell: FAREWELL,
  membership: MEMBERSHIP,
}
