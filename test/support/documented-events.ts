import { PARTS } from '../../src/cli/event-schema/parts.ts'
import type { EventField, EventTable, PartName } from '../../src/cli/event-schema/types.ts'

/** A line of --json. */
export type JsonEvent = Readonly<Record<string, unknown>> & { readonly event: string }

/** The lines of --json; fails on one that is none. */
export function parseEvents(text: string): readonly JsonEvent[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

/** What is not as it is written down, a line for each: an event, a key, its type, its absence. */
export function undocumented(events: readonly JsonEvent[], table: EventTable): readonly string[] {
  return events.flatMap(({ event, time, ...rest }) => {
    const schema = table[event]
    if (schema === undefined) return [`${event}: no such event`]
    const isTime = typeof time === 'string' && /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/.test(time)
    const wrong = wrongKeys(rest, schema.keys).map(one => `${event}.${one}`)
    return isTime ? wrong : [`${event}: no time`, ...wrong]
  })
}

/** The events of a table, and those of their keys that may be absent, which have not been seen. */
export function unseen(events: readonly JsonEvent[], table: EventTable): readonly string[] {
  const seen = new Set(
    events.flatMap(({ event, ...rest }) => [
      event,
      ...Object.keys(rest).map(key => `${event}.${key}`),
    ]),
  )
  const all = Object.entries(table).flatMap(([event, { keys }]) => [
    event,
    ...Object.keys(keys).map(key => `${event}.${key}`),
  ])
  return all.filter(one => !seen.has(one))
}

function wrongKeys(
  value: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, EventField>>,
): readonly string[] {
  const unknown = Object.keys(value).filter(key => !(key in keys))
  return [
    ...unknown.map(key => `${key}: not written down`),
    ...Object.entries(keys).flatMap(([key, { type, absent }]) => {
      if (key in value) return wrongValue(value[key], type).map(one => `${key}${one}`)
      return absent === undefined ? [`${key}: absent`] : []
    }),
  ]
}

function wrongValue(value: unknown, type: string): readonly string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`: no array: ${JSON.stringify(value)}`]
    return value.flatMap((one, i) =>
      wrongValue(one, type.slice(0, -2)).map(text => `[${i}]${text}`),
    )
  }
  if (isPart(type) && isObject(value)) return wrongKeys(value, PARTS[type]).map(one => `.${one}`)
  const isRight = type === 'object' ? isFacts(value) : typeof value === type
  return isRight ? [] : [`: no ${type}: ${JSON.stringify(value)}`]
}

function isPart(type: string): type is PartName {
  return type in PARTS
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isFacts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(one => typeof one === 'string')
}
