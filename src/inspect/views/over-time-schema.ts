import type { Destination, PortRange } from '../ephemeral/types.ts'
import type { PilePeer } from '../leaks/types.ts'
import type { JsonField } from './json-schema.ts'
import type { PileJson } from './leaks-json.ts'

/** The keys of the document that `inspect --leaks --json` prints. */
export const LEAKS_FIELDS: readonly JsonField[] = [
  { key: 'schema', type: 'number', text: '1; also takenAt, host, source, warnings: as above' },
  {
    key: 'intervalMs',
    type: 'number',
    text: 'how far apart the two looks were; absent: it was one',
  },
  { key: 'leaks', type: 'array', text: 'one object for each pile of sockets of a process' },
]

/** The keys of one pile. */
export const PILE_FIELDS: readonly (JsonField & { readonly key: keyof PileJson })[] = [
  { key: 'kind', type: 'string', text: 'close-wait, unaccepted (CLOSE_WAIT too) or fin-wait-2' },
  { key: 'isLeak', type: 'boolean', text: 'whether it is one: not where a listener is to blame' },
  { key: 'pid', type: 'number', text: 'whose sockets they are; absent: nobody can be named' },
  { key: 'name', type: 'string', text: 'of that process' },
  { key: 'uid', type: 'number', text: 'whose they are, where the process is hidden' },
  { key: 'count', type: 'number', text: 'how many there are' },
  { key: 'countBefore', type: 'number', text: 'at the look before' },
  { key: 'stayed', type: 'number', text: 'those that were there at the look before, too' },
  { key: 'isGrowing', type: 'boolean', text: 'more come than go, and those that came stay' },
  { key: 'perSecond', type: 'number', text: 'how many more in a second' },
  { key: 'openDescriptors', type: 'number', text: 'of the process' },
  { key: 'descriptorLimit', type: 'number', text: 'how many it may have' },
  { key: 'secondsLeft', type: 'number', text: 'until it has none left, at this rate' },
  { key: 'peers', type: 'array', text: 'with whom they are: see below' },
]

/** The keys of one of its peers. */
export const PEER_FIELDS: readonly (JsonField & { readonly key: keyof PilePeer })[] = [
  { key: 'direction', type: 'string', text: 'incoming, outgoing' },
  { key: 'peer', type: 'string', text: 'where we called: host:port; who called: host' },
  { key: 'localPort', type: 'number', text: 'of incoming ones: the port that was called' },
  { key: 'count', type: 'number', text: 'how many of the pile' },
]

/** The keys of the document that `inspect --ephemeral --json` prints. */
export const EPHEMERAL_FIELDS: readonly JsonField[] = [
  { key: 'schema', type: 'number', text: '1; also takenAt, host, source, warnings: as above' },
  { key: 'range', type: 'object', text: 'the ports that connections are made from: see below' },
  { key: 'destinations', type: 'array', text: 'one object for each: see below' },
]

/** The keys of the range of ports. */
export const RANGE_FIELDS: readonly (JsonField & { readonly key: keyof PortRange })[] = [
  { key: 'first', type: 'number', text: 'port' },
  { key: 'last', type: 'number', text: 'port' },
  { key: 'reserved', type: 'number', text: 'how many of them are kept for others' },
  { key: 'usable', type: 'number', text: 'how many that leaves' },
  { key: 'timeWaitSeconds', type: 'number', text: 'how long TIME_WAIT lasts' },
  { key: 'reuse', type: 'string', text: 'what may take a port in TIME_WAIT: all, loopback, none' },
  { key: 'reuseAfterMs', type: 'number', text: 'how old that TIME_WAIT must be' },
  { key: 'isAssumed', type: 'boolean', text: 'it could not be read: what is usual' },
]

/** The keys of one destination. */
export const DESTINATION_FIELDS: readonly (JsonField & { readonly key: keyof Destination })[] = [
  { key: 'from', type: 'string', text: 'our address' },
  { key: 'host', type: 'string', text: 'the address of the service' },
  { key: 'port', type: 'number', text: 'of the service' },
  { key: 'used', type: 'number', text: 'different ports of ours, in whatever state' },
  { key: 'timeWait', type: 'number', text: 'of these: in TIME_WAIT' },
  { key: 'established', type: 'number', text: 'of these: established' },
  { key: 'reusable', type: 'number', text: 'of those in TIME_WAIT: free for a new connection' },
  { key: 'percent', type: 'number', text: 'what is taken of the usable ports' },
  { key: 'perSecond', type: 'number', text: 'new ones in a second; absent: there was one look' },
  { key: 'ceilingPerSecond', type: 'number', text: 'how many can go on for ever' },
  { key: 'madeBy', type: 'array', text: 'who made them: pid, name' },
  {
    key: 'hidden',
    type: 'array',
    text: 'of whom there are more that cannot be seen: uid, sockets',
  },
]
