import { looksForgotten, type OverviewRow } from '../explain/overview.ts'
import type { JsonField } from './json-schema.ts'
import { notesOf } from './overview.ts'

/** The keys of one object of `overview`. */
export const OVERVIEW_FIELDS: readonly JsonField[] = [
  { key: 'port, protocol', type: 'number, string', text: 'where it waits' },
  { key: 'hosts', type: 'array', text: 'by which addresses' },
  { key: 'openTo', type: 'string', text: 'network or localhost, by the addresses alone' },
  { key: 'pid, name, script', type: 'number, string', text: 'the program, and what it runs' },
  { key: 'project', type: 'object', text: 'name, folder, branch' },
  { key: 'container', type: 'object', text: 'id, kind, name, image' },
  { key: 'startedAt', type: 'string', text: 'when the program was started' },
  { key: 'connections', type: 'number', text: 'TCP: how many there are to it' },
  { key: 'orphan', type: 'string', text: 'terminal-gone or parent-gone' },
  { key: 'isSystem, isIdle, isForgotten', type: 'boolean', text: 'whose it seems to be' },
  { key: 'notes', type: 'array', text: 'what is odd about it, for people' },
]

/** A row as JSON. What is not known is left out. */
export function overviewJson(row: OverviewRow): Readonly<Record<string, unknown>> {
  const { port, protocol, records, owner, story, connections, isSystem, isIdle } = row
  const { project, startedAt } = story?.facts ?? {}
  const kept = story?.placement?.container
  const told = story?.container
  return {
    port,
    protocol,
    hosts: records.map(({ local }) => ('host' in local ? local.host : undefined)),
    openTo: row.isOpenToNetwork ? 'network' : 'localhost',
    pid: owner?.pid,
    name: owner?.name,
    script: story?.script,
    project: project && { ...project, branch: story?.branch },
    container:
      kept === undefined && told === undefined
        ? undefined
        : { ...kept, id: told?.id ?? kept?.id, name: told?.name, image: told?.image },
    startedAt,
    connections: protocol === 'tcp' ? connections : undefined,
    orphan: story?.orphan,
    isSystem,
    isIdle,
    isForgotten: looksForgotten(row),
    notes: notesOf(row),
  }
}
