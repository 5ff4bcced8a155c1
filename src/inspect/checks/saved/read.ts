import { usageError } from '../../../errors.ts'
import { ALL_STATES } from '../../select/states.ts'
import type { Protocol } from '../../types.ts'
import { SCHEMA_VERSION } from '../../views/json.ts'
import type { SavedDocument, SavedEnd, SavedSelection, SavedSocket } from './types.ts'

/**
 * Reads a document that `--save` or `--json` has written.
 *
 * @param options.name what the text is called in errors: its file
 * @throws ERR_USAGE, saying what is wrong with it
 */
export function readSaved(text: string, { name }: { readonly name: string }): SavedDocument {
  const wrong = (what: string): Error =>
    usageError(
      `${name} is not what --save writes: ${what}`,
      'Make one: sockctl inspect --save before.json',
    )
  const document = parseJson(text, wrong)
  const { schema, takenAt, host, bootId, sockets } = document
  if (typeof schema !== 'number') throw wrong('it has no schema number')
  if (schema !== SCHEMA_VERSION) {
    throw wrong(`its schema is ${schema}, and this sockctl reads ${SCHEMA_VERSION}`)
  }
  if (!Array.isArray(sockets)) throw wrong('it has no list of sockets')
  if (typeof takenAt !== 'string' || Number.isNaN(Date.parse(takenAt))) {
    throw wrong('it does not say when it was taken')
  }
  return {
    takenAt,
    host: textOf(host) ?? '',
    bootId: textOf(bootId),
    selection: selectionOf(document.selection),
    sockets: sockets.map((one, index) =>
      socketOf(one, what => wrong(`socket ${index + 1} ${what}`)),
    ),
  }
}

type Fields = Readonly<Record<string, unknown>>

function parseJson(text: string, wrong: (what: string) => Error): Fields {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw wrong(text.trim() === '' ? 'it is empty' : `it is no JSON: ${(error as Error).message}`)
  }
  if (!isFields(value)) throw wrong('it is no JSON object')
  return value
}

function socketOf(value: unknown, wrong: (what: string) => Error): SavedSocket {
  if (!isFields(value)) throw wrong('is no object')
  const state = ALL_STATES.find(one => one === value.state)
  if (state === undefined) throw wrong('has no state')
  const protocol = textOf(value.protocol)
  if (protocol === undefined) throw wrong('has no protocol')
  const { type, cookie, netns, uid, user, ownership, owners, listenerOwners } = value
  return {
    // A name that is not known here is compared like the others.
    protocol: protocol as Protocol,
    state,
    type: textOf(type),
    local: endOf(value.local),
    remote: endOf(value.remote),
    cookie: textOf(cookie),
    netns: isFields(netns) ? String(netns.name ?? netns.inode) : undefined,
    uid: numberOf(uid),
    user: textOf(user),
    ownership: textOf(ownership),
    owners: ownersOf(owners ?? listenerOwners),
  }
}

function endOf(value: unknown): SavedEnd | undefined {
  if (!isFields(value)) return undefined
  const { host, port, path } = value
  if (typeof path === 'string') return { host: path, port: undefined }
  if (typeof host === 'string') return { host, port: numberOf(port) }
  // Those of less usual families are told apart by all that they are.
  return { host: JSON.stringify(value), port: undefined }
}

function ownersOf(value: unknown): SavedSocket['owners'] {
  if (!Array.isArray(value)) return []
  return value.filter(isFields).flatMap(({ name, pid }) => {
    const known = numberOf(pid)
    return known === undefined ? [] : [{ name: textOf(name) ?? '', pid: known }]
  })
}

function selectionOf(value: unknown): SavedSelection | undefined {
  if (!isFields(value)) return undefined
  const { filter, netns, container } = value
  return {
    protocols: textsOf(value.protocols),
    families: textsOf(value.families),
    states: textsOf(value.states),
    ...(typeof filter === 'string' && { filter }),
    ...(typeof netns === 'string' && { netns }),
    ...(typeof container === 'string' && { container }),
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
