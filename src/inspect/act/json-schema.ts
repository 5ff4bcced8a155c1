import type { JsonField } from '../views/json-schema.ts'

/** The keys of one result of `inspect --free --json` and `inspect --close --json`. */
export const RESULT_FIELDS: readonly JsonField[] = [
  { key: 'action', type: 'string', text: 'free or close' },
  { key: 'ports', type: 'array', text: 'free: the local ports that these processes hold' },
  { key: 'path', type: 'string', text: 'free: of a unix socket' },
  {
    key: 'outcome',
    type: 'string',
    text: 'free: freed, removed, would-free, would-remove, unconfirmed, declined, refused, denied, still-held, unproven, started-again, alive, in-use, time-wait or nothing; close: closed, vanished, failed, would-close, denied (with --dry-run), unconfirmed, declined, left-alone',
  },
  { key: 'reason', type: 'string', text: 'why it is not what was asked for' },
  { key: 'instead', type: 'string', text: 'a command to type in its place' },
  { key: 'freeInMs', type: 'number', text: 'time-wait: when the last one is over' },
  {
    key: 'processes',
    type: 'array',
    text: 'free: pid, name, uid, user, command, cwd, project, startedAt, supervisor, stop (its command), refused (why), signal (the last one), endedAfterMs',
  },
  {
    key: 'startedAgain',
    type: 'array',
    text: 'free: who holds the port anew: pid, name, supervisor, stop',
  },
  { key: 'protocol', type: 'string', text: 'close: of the connection' },
  { key: 'state', type: 'string', text: 'close: that it was in' },
  { key: 'local', type: 'object', text: 'close: host, port' },
  { key: 'remote', type: 'object', text: 'close: host, port' },
  { key: 'pids', type: 'array', text: 'close: who held it' },
]
