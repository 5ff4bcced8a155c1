import type { SocketJson } from './json.ts'

/** What a key of the JSON output holds, in words. Shown by `sockctl help json` and the man page. */
export interface JsonField {
  readonly key: string
  readonly type: string
  readonly text: string
}

/** The keys of the document that `inspect --json` prints. */
export const DOCUMENT_FIELDS: readonly JsonField[] = [
  { key: 'schema', type: 'number', text: '1; raised when a key is removed or changes its type' },
  { key: 'takenAt', type: 'string', text: 'when the sockets were read (RFC 3339, UTC)' },
  { key: 'host', type: 'string', text: 'the name of this machine' },
  {
    key: 'source',
    type: 'string',
    text: 'sock-diag, procfs, iphlpapi, netstat, systeminformation or pasted',
  },
  { key: 'sockets', type: 'array', text: 'one object for each socket, without -s' },
  { key: 'counts', type: 'array', text: 'protocol, family, state and count, with -s' },
  {
    key: 'warnings',
    type: 'array',
    text: 'what could not be seen: code, message, hidden (uid, sockets)',
  },
]

/** The keys of one socket. What is not known is left out: no "", "-" or 0 stands for it. */
export const SOCKET_FIELDS: readonly (JsonField & { readonly key: keyof SocketJson })[] = [
  { key: 'protocol', type: 'string', text: 'tcp, udp or unix' },
  { key: 'family', type: 'string', text: 'ipv4, ipv6 or unix' },
  { key: 'type', type: 'string', text: 'unix only: stream, datagram or seqpacket' },
  { key: 'state', type: 'string', text: 'established, close-wait ...: see sockctl help states' },
  { key: 'local', type: 'object', text: 'host and port, or path (@name: abstract)' },
  { key: 'remote', type: 'object', text: 'the other end, where there is one' },
  { key: 'peerInode', type: 'number', text: 'unix only: the inode of the other end' },
  { key: 'receiveQueueBytes', type: 'number', text: 'bytes that its process has not read' },
  { key: 'sendQueueBytes', type: 'number', text: 'bytes that the other end has not acknowledged' },
  { key: 'acceptQueue', type: 'number', text: 'listeners: connections that wait to be accepted' },
  { key: 'acceptQueueLimit', type: 'number', text: 'listeners: how many may wait (backlog)' },
  {
    key: 'timer',
    type: 'object',
    text: 'kind (retransmit, keepalive, time-wait, zero-window-probe), expiresInMs, retransmits',
  },
  { key: 'uid', type: 'number', text: 'the user that made it' },
  { key: 'user', type: 'string', text: 'the name of that user' },
  { key: 'inode', type: 'number', text: 'its number as /proc/PID/fd shows it; absent: no file' },
  { key: 'cookie', type: 'string', text: 'its number in the kernel, hexadecimal, never reused' },
  { key: 'interfaceIndex', type: 'number', text: 'the interface it is bound to (SO_BINDTODEVICE)' },
  {
    key: 'ownership',
    type: 'string',
    text:
      'held; hidden (another user, no permission); unseen (no process found); ' +
      'unaccepted (waits for its listener); kernel (needs no process); orphan (was closed)',
  },
  { key: 'owners', type: 'array', text: 'every process that holds it: pid, fd, name' },
  { key: 'listenerOwners', type: 'array', text: 'unaccepted only: who holds its listener' },
]

/** The events of `inspect --ndjson`: every line has `event` and `time`. */
export const EVENTS: readonly JsonField[] = [
  { key: 'snapshot', type: 'event', text: 'schema, host and source; comes first' },
  { key: 'socket', type: 'event', text: 'the keys of a socket' },
  { key: 'warning', type: 'event', text: 'what could not be seen: code, message, hidden' },
]
