import type { JsonField } from '../views/json-schema.ts'

/** The keys of one result of `inspect --free --json`. */
export const RESULT_FIELDS: readonly JsonField[] = [
  { key: 'action', type: 'string', text: 'free' },
  { key: 'ports', type: 'array', text: 'the local ports that these processes hold' },
  { key: 'path', type: 'string', text: 'of a unix socket' },
  {
    key: 'outcome',
    type: 'string',
    text: 'freed, removed, would-free, would-remove, unconfirmed, declined, refused, denied, still-held, started-again, alive, in-use, time-wait or nothing',
  },
  { key: 'reason', type: 'string', text: 'why it is not what was asked for' },
  { key: 'instead', type: 'string', text: 'a command to type in its place' },
  { key: 'freeInMs', type: 'number', text: 'time-wait: when the last one is over' },
  {
    key: 'processes',
    type: 'array',
    text: 'pid, name, uid, user, command, cwd, project, startedAt, supervisor, stop (its command), refused (why), signal (the last one), endedAfterMs',
  },
  {
    key: 'startedAgain',
    type: 'array',
    text: 'who holds the port anew: pid, name, supervisor, stop',
  },
]
