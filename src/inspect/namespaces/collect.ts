import { SockctlError } from '../../errors.ts'
import { type Collected, collect } from '../sources/index.ts'
import { OWN_PROC, type Place } from '../sources/types.ts'
import type { NetworkNamespace, SocketRecord, SourceName, Wanted, Warning } from '../types.ts'
import { findNamespaces } from './find.ts'
import { type FoundNamespace, readNetwork } from './list.ts'

/** Where to look, and through what. */
export interface NamespaceRequest {
  readonly place: Place
  /** As `NamespaceQuestion`. */
  readonly which: string
  /** Only this source. Undefined: the best one that answers in each. */
  readonly source: SourceName | undefined
}

/**
 * Reads the wanted sockets of other network namespaces; each record says of which it is. Where one
 * cannot be entered, the tables are read that a process in it has in /proc. Of several those that
 * cannot be read are left out, which a warning says.
 *
 * @throws ERR_NOT_FOUND when there is none, ERR_DENIED, ERR_UNSUPPORTED when the only one that was
 *   asked for cannot be read
 */
export async function collectNamespaces(
  wanted: Wanted,
  { place, which, source }: NamespaceRequest,
): Promise<Collected> {
  const { procRoot } = place
  const { namespaces, deniedProcesses } = await findNamespaces({ which, procRoot })
  const answers: Collected[] = []
  const failures: Warning[] = []
  for (const one of namespaces) {
    try {
      answers.push(await collectOne(wanted, one, { place, source }))
    } catch (error) {
      if (!(error instanceof SockctlError) || namespaces.length === 1) throw error
      const code = error.code === 'ERR_DENIED' ? 'netns-hidden' : 'incomplete'
      failures.push({ code, message: error.message })
    }
  }
  return {
    // Named after the one that gave the most.
    source:
      answers.find(one => one.source === 'sock-diag')?.source ?? answers[0]?.source ?? 'procfs',
    records: ([] as SocketRecord[]).concat(...answers.map(({ records }) => records)),
    warnings: [
      ...withoutRepetitions(answers.flatMap(({ warnings }) => warnings)),
      ...failures,
      ...deniedWarning(deniedProcesses),
    ],
  }
}

async function collectOne(
  wanted: Wanted,
  namespace: FoundNamespace,
  { place, source }: Pick<NamespaceRequest, 'place' | 'source'>,
): Promise<Collected> {
  const { inode } = namespace
  // To enter one's own needs rights too.
  const isOwn =
    place.procRoot === OWN_PROC && inode !== undefined && inode === readNetwork('/proc/thread-self')
  const { records, ...rest } = isOwn
    ? await collect(wanted, place, { name: source })
    : await readOne(wanted, namespace, { place, source })
  const name = isOwn ? namespace.name : nameOf(namespace)
  const netns: NetworkNamespace = { inode, name }
  // Records decode themselves from bytes that they hold: a copy would lose that.
  return { ...rest, records: records.map(record => Object.assign(record, { netns })) }
}

async function readOne(
  wanted: Wanted,
  namespace: FoundNamespace,
  { place, source }: Pick<NamespaceRequest, 'place' | 'source'>,
): Promise<Collected> {
  const { pid, file } = namespace
  try {
    if (source !== 'procfs') {
      return await collect(
        wanted,
        { ...place, netns: { file, pid } },
        { name: source ?? 'sock-diag' },
      )
    }
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    if (source !== undefined || pid === undefined) throw named(error, namespace)
    const answer = await readFromProcess(wanted, pid, place)
    const warning = { code: 'source-fallback' as const, message: fallbackText(error, namespace) }
    return { ...answer, warnings: [warning, ...answer.warnings] }
  }
  if (pid !== undefined) return readFromProcess(wanted, pid, place)
  throw new SockctlError(
    'ERR_UNSUPPORTED',
    `no process lives in the network namespace ${textOf(namespace)} by which procfs could read it`,
  )
}

/** Its own tables are in every process's folder, and everybody may read them. */
function readFromProcess(wanted: Wanted, pid: number, place: Place): Promise<Collected> {
  return collect(wanted, { ...place, procRoot: `${place.procRoot}/${pid}` }, { name: 'procfs' })
}

function named(error: SockctlError, namespace: FoundNamespace): SockctlError {
  const message = `cannot look into the network namespace ${textOf(namespace)}: ${error.message}`
  const hints = error.code === 'ERR_DENIED' ? ['Only root may enter it.'] : []
  return new SockctlError(error.code, message, { cause: error, hints })
}

function fallbackText(error: SockctlError, namespace: FoundNamespace): string {
  const why = error.code === 'ERR_DENIED' ? 'only root may enter it' : error.message
  const where = `/proc/${namespace.pid}/net`
  return `cannot enter the network namespace ${textOf(namespace)}: ${why}; looked into ${where} instead`
}

function deniedWarning(deniedProcesses: number): Warning[] {
  if (deniedProcesses === 0) return []
  const whose = deniedProcesses === 1 ? '1 process' : `${deniedProcesses} processes`
  const why =
    process.getuid?.() === 0 ? 'here not even root may ask every process' : 'root may ask them'
  const message = `${whose} did not tell in which network namespace they live: ${why}`
  return [{ code: 'netns-hidden', message }]
}

function withoutRepetitions(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map(one => [one.message, one])).values()]
}

/** For a namespace without a name the process says the most. */
function nameOf({ name, pid }: FoundNamespace): string | undefined {
  return name ?? (pid === undefined ? undefined : `pid:${pid}`)
}

function textOf(namespace: FoundNamespace): string {
  return nameOf(namespace) ?? String(namespace.inode ?? namespace.file)
}
