import type { JsonField } from './json-schema.ts'

/** The keys of `report` in `inspect <target> --json`. */
export const REPORT_FIELDS: readonly JsonField[] = [
  { key: 'kind', type: 'string', text: 'port, process, unix or name' },
  { key: 'answer', type: 'string', text: 'the sentence that answers, for people' },
  {
    key: 'cause',
    type: 'string',
    text: 'port: why it is taken: listener, container, inherited, bound, accepted, outgoing, connected, time-wait, closing, udp; absent: nothing is seen to hold it',
  },
  {
    key: 'verdict',
    type: 'string',
    text: 'unix: alive, bound, connected, elsewhere, stale, replaced, unlinked, no-socket, missing or unknown',
  },
  { key: 'port, host', type: 'number, string', text: 'port: what was asked' },
  { key: 'pid', type: 'number', text: 'process: what was asked' },
  { key: 'path', type: 'string', text: 'unix: what was asked' },
  {
    key: 'holders',
    type: 'array',
    text: 'port: each cause, ownership, listens (host, port, openTo), process, sharedBy, waiting, givenUp, isStuck (nobody is accepted), backlog',
  },
  {
    key: 'process',
    type: 'object',
    text: 'pid, name, command, folder, isFolderDeleted, project (name, folder, branch), uid, user, startedAt, terminal, orphan, state, chain, unit, container (id, kind, name, image)',
  },
  { key: 'name, processes', type: 'string, array', text: 'name: each as process, and listens' },
  { key: 'isShadowed, isReusePort', type: 'boolean', text: 'port: several listeners share it' },
  { key: 'clients', type: 'array', text: 'who is connected: pid and name, or host; connections' },
  {
    key: 'unclosed',
    type: 'number',
    text: 'port: connections that the client has closed, and the server has not (CLOSE-WAIT)',
  },
  { key: 'lingering', type: 'object', text: 'port: count, freeInMs of what only the kernel has' },
  {
    key: 'binds',
    type: 'array',
    text: 'port: host, result (ok, in-use, denied, not-local, unsupported, failed), errno; without --no-bind',
  },
  {
    key: 'unseen',
    type: 'array',
    text: 'port: the addresses whose bind was refused though nothing seen stands in the way there',
  },
  { key: 'candidates', type: 'array', text: 'port: pid and name of who may have it unseen' },
  { key: 'next', type: 'array', text: 'what (why), command: what to type next' },
]
