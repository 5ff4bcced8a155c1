import { terminalText, textWidth } from '../../../terminal-text.ts'
import type { Ownership } from '../../explain/ownership.ts'
import { shortId } from '../../owners/container/short-id.ts'
import type { Owner, SocketRecord } from '../../types.ts'
import { oneWord } from '../end-words.ts'
import { ownershipText, peerOwnersText } from '../words.ts'
import { NONE } from './cells.ts'
import type { Column, ListFacts } from './types.ts'

/** Who holds a socket. */
export const OWNER_COLUMNS = {
  ownership: {
    key: 'ownership',
    heading: 'OWNERSHIP',
    type: 'string',
    text:
      'held; hidden (another user, no permission); unseen (no process found); ' +
      'unaccepted (waits for its listener); kernel (needs no process); orphan (was closed)',
    standsIn: 'json and csv',
    needs: { owners: true },
    value: (record, { ownershipOf }) => ownershipOf?.(record).kind,
  },
  pids: {
    key: 'pids',
    heading: 'PIDS',
    type: 'string',
    text: 'The numbers of the processes that hold it',
    standsIn: 'csv',
    needs: { owners: true },
    value: (record, facts) => {
      const owners = holders(record, facts)
      return owners && [...new Set(owners.map(({ pid }) => pid))].join(' ')
    },
    cell: (record, facts) => {
      const owners = holders(record, facts)
      return owners ? [...new Set(owners.map(({ pid }) => pid))].join(',') : NONE
    },
    sortBy: (record, facts) => holders(record, facts)?.[0]?.pid,
  },
  owners: {
    key: 'owners',
    heading: 'PROCESS',
    type: 'array',
    text: 'Every process that holds it, the first in line first: pid, fd, name',
    standsIn: 'json and csv',
    needs: { owners: true },
    mayBeCut: true,
    value: holders,
    cell: (record, { ownershipOf, userName }) =>
      ownershipOf === undefined ? NONE : ownershipText(ownershipOf(record), record.state, userName),
    paint: (text, _, paint) => (text.startsWith('(') ? paint.dim(text) : text),
  },
  listenerOwners: {
    key: 'listenerOwners',
    heading: 'ACCEPTS',
    type: 'array',
    text: 'Unaccepted only: who holds its listener',
    standsIn: 'json',
    needs: { owners: true },
    value: (record, { ownershipOf }) => {
      const ownership = ownershipOf?.(record)
      return ownership?.kind === 'unaccepted' ? ownersIn(ownership.listener) : undefined
    },
  },
  leftBy: {
    key: 'leftBy',
    heading: 'LEFT-BY',
    type: 'array',
    text: 'Only with --watch: who held it last, where nobody holds it any more',
    standsIn: 'json',
    needs: { owners: true },
    mayBeCut: true,
    value: (record, { ownershipOf }) => {
      const ownership = ownershipOf?.(record)
      return ownership !== undefined && 'leftBy' in ownership ? ownership.leftBy : undefined
    },
  },
  command: {
    key: 'command',
    heading: 'COMMAND',
    type: 'string',
    text: 'The command line of the first, with secrets masked',
    needs: { owners: true, processes: true },
    mayBeCut: true,
    value: (record, facts) => ofFirst(record, facts, facts.processes?.commandOf),
    cell: (record, facts) => textCell(ofFirst(record, facts, facts.processes?.commandOf)),
    widthOf: text => textWidth(text),
  },
  cwd: {
    key: 'cwd',
    heading: 'CWD',
    type: 'string',
    text: 'The folder in which the first works',
    needs: { owners: true, processes: true },
    mayBeCut: true,
    value: (record, facts) => ofFirst(record, facts, facts.processes?.workingFolderOf),
    widthOf: text => textWidth(text),
  },
  container: {
    key: 'container',
    heading: 'CONTAINER',
    type: 'object',
    text: 'The container of the first, or in which it was made: kind, id',
    needs: { owners: true },
    value: (record, { containerOf }) => containerOf?.(record),
    cell: (record, { containerOf }) => {
      const container = containerOf?.(record)
      return container === undefined ? NONE : oneWord(shortId(container.id))
    },
  },
  unit: {
    key: 'unit',
    heading: 'UNIT',
    type: 'string',
    text: 'The unit of systemd of the first, or in which it was made',
    needs: { owners: true },
    value: (record, { unitOf }) => unitOf?.(record),
  },
  peerOwners: {
    key: 'peerOwners',
    heading: 'PEER-PROCESS',
    type: 'array',
    text: 'Who holds the other end, where that is on this machine (--peer)',
    standsIn: 'json and csv',
    needs: { owners: true, peers: true },
    mayBeCut: true,
    value: (record, facts) => {
      const peer = facts.peerOf?.(record)
      return peer && holders(peer, facts)
    },
    cell: peerOwnersText,
    paint: (text, _, paint) => (text.startsWith('(') ? paint.dim(text) : text),
  },
} as const satisfies Readonly<Record<string, Column>>

function holders(record: SocketRecord, { ownershipOf }: ListFacts): readonly Owner[] | undefined {
  return ownersIn(ownershipOf?.(record))
}

/** What is told of the first holder by its pid. */
function ofFirst(
  record: SocketRecord,
  facts: ListFacts,
  tell: ((pid: number) => string | undefined) | undefined,
): string | undefined {
  const [first] = holders(record, facts) ?? []
  return first && tell?.(first.pid)
}

/** Words with one blank between them: two would look like the end of a cell. */
function textCell(text: string | undefined): string {
  return text === undefined ? NONE : terminalText(text).replaceAll('  ', ' \\x20')
}

function ownersIn(ownership: Ownership | undefined): readonly Owner[] | undefined {
  return ownership?.kind === 'held' ? ownership.owners : undefined
}
