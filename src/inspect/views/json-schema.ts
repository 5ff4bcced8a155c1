import { ALL_COLUMNS } from './columns/index.ts'
import type { FindingJson, UnansweredJson } from './findings-json.ts'

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
  { key: 'bootId', type: 'string', text: 'of the kernel since it was started, with --save' },
  {
    key: 'selection',
    type: 'object',
    text: 'protocols, families, states, filter, netns, container: what was asked, with --save',
  },
  { key: 'sockets', type: 'array', text: 'one object for each socket, without -s or --group-by' },
  { key: 'findings', type: 'array', text: 'in place of the sockets, with --diagnose' },
  {
    key: 'unanswered',
    type: 'array',
    text: 'the rules that could give no answer, with --diagnose: see below',
  },
  { key: 'counts', type: 'array', text: 'protocol, family, state and count, with -s' },
  {
    key: 'groups',
    type: 'array',
    text: 'by, group (absent: nothing to go by), count, states, with --group-by',
  },
  { key: 'report', type: 'object', text: 'the answer about one target: see below' },
  {
    key: 'overview',
    type: 'array',
    text: 'one object for each listener, without a target or a filter: see below',
  },
  {
    key: 'checks',
    type: 'array',
    text: 'the results, with --policy or --diff',
  },
  {
    key: 'warnings',
    type: 'array',
    text: 'what could not be seen: code, message, reason, hidden (uid, sockets)',
  },
]

/**
 * The keys of one socket: those columns that stand in the JSON without being named. What is not
 * known is left out: no "", "-" or 0 stands for it.
 */
export const SOCKET_FIELDS: readonly JsonField[] = ALL_COLUMNS.filter(({ standsIn }) =>
  standsIn?.includes('json'),
)

/** The keys of a result, with --policy or --diff. */
export const CHECK_FIELDS: readonly JsonField[] = [
  { key: 'name', type: 'string', text: 'what was checked: policy.listener, diff.new-listener ...' },
  { key: 'subject', type: 'string', text: 'on what: tcp 127.0.0.1:8080' },
  { key: 'ok', type: 'boolean', text: 'false also where it could not be told' },
  { key: 'severity', type: 'string', text: 'problem, warning or note' },
  { key: 'message', type: 'string', text: 'a sentence' },
  { key: 'details', type: 'array', text: 'the facts behind it, a line each' },
  {
    key: 'unseen',
    type: 'string',
    text: 'denied or unsupported: why it could not be told; absent: it could',
  },
]

/** The keys of a finding of `inspect --diagnose`. */
export const FINDING_FIELDS: readonly (JsonField & { readonly key: keyof FindingJson })[] = [
  { key: 'id', type: 'string', text: 'its name: see sockctl help findings' },
  { key: 'severity', type: 'string', text: 'problem, warning or note' },
  { key: 'summary', type: 'string', text: 'what is wrong, in a sentence' },
  { key: 'evidence', type: 'array', text: 'the facts behind it' },
  { key: 'explanation', type: 'string', text: 'what it means, and why it happens' },
  { key: 'advice', type: 'array', text: 'what helps: text, and command where there is one' },
  { key: 'pids', type: 'array', text: 'the processes that are concerned' },
  { key: 'socketCount', type: 'number', text: 'how many sockets it is about' },
  { key: 'sockets', type: 'array', text: 'the first 100 of them, as in a list of sockets' },
]

/** The keys of a rule of `inspect --diagnose` that could give no answer, or not all of it. */
export const UNANSWERED_FIELDS: readonly (JsonField & { readonly key: keyof UnansweredJson })[] = [
  { key: 'id', type: 'string', text: 'its name: see sockctl help findings' },
  { key: 'reason', type: 'string', text: 'why: owners-hidden' },
  { key: 'socketCount', type: 'number', text: 'how many sockets it did not speak of for that' },
]

/** The events of `inspect --ndjson`: every line has `event` and `time`. */
export const EVENTS: readonly JsonField[] = [
  { key: 'snapshot', type: 'event', text: 'schema, host and source; comes first' },
  { key: 'socket', type: 'event', text: 'the keys of a socket' },
  { key: 'group', type: 'event', text: 'the keys of a group, with --group-by' },
  { key: 'finding', type: 'event', text: 'the keys of a finding, with --diagnose' },
  {
    key: 'unanswered',
    type: 'event',
    text: 'the keys of a rule that could give no answer, with --diagnose',
  },
  { key: 'warning', type: 'event', text: 'what could not be seen: code, message, reason, hidden' },
]

/** The events of `inspect --watch --ndjson`, behind those of the sockets that are there at first. */
export const WATCH_EVENTS: readonly JsonField[] = [
  {
    key: 'open',
    type: 'event',
    text: 'with --watch: a socket that was not there before; its keys',
  },
  { key: 'state', type: 'event', text: 'the keys of a socket, and stateBefore' },
  {
    key: 'owner',
    type: 'event',
    text: 'who holds it has become known: it was accepted, or is new',
  },
  { key: 'close', type: 'event', text: 'a socket as it was last: gone, or it matches no more' },
]
