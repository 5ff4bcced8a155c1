import type { JsonField } from './json-schema.ts'

/** The keys of a counter in the JSON of `inspect --counters`. */
export const COUNTER_FIELDS: readonly JsonField[] = [
  { key: 'name', type: 'string', text: 'as nstat(8) names it: TcpExtListenOverflows' },
  { key: 'value', type: 'number', text: 'with all its digits: it may be above 2^53, or -1' },
  { key: 'kind', type: 'string', text: 'total: only grows; level: how many there are now' },
  { key: 'limit', type: 'number', text: 'what a level may reach, where a setting says so' },
  { key: 'group', type: 'string', text: 'the heading that it stands under' },
  { key: 'change', type: 'number', text: 'change only: since the interval before' },
  { key: 'perSecond', type: 'number', text: 'change only, of a total: how many in a second' },
]
