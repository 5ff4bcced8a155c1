import type { OwnershipOf } from '../explain/ownership.ts'
import type { Snapshot, SocketRecord, Wanted } from '../types.ts'
import type { UserName } from '../users.ts'
import { anyOf, type Expression } from './expression.ts'
import { kernelFilter } from './kernel-filter.ts'
import { missingError } from './missing.ts'
import { nameSystem } from './name-system.ts'
import { lookUpNames, type NameSystem } from './names.ts'
import { predicate, type SelectionContext } from './predicate.ts'
import { conditionOf, type Selection } from './selection.ts'

/** How a selection is carried out: what to ask a source for, and what to take of its answer. */
export interface SelectionPlan {
  readonly wanted: Wanted
  /** Whether it is worth looking for the holders of a socket: it, or one it explains, may be shown. */
  readonly mayNeedOwners: (record: SocketRecord) => boolean
  /**
   * Takes the selected records of a snapshot.
   *
   * @throws ERR_DENIED, ERR_UNSUPPORTED when it depends on what nobody has told
   */
  readonly select: (snapshot: Snapshot, lookUps: LookUps) => Selected
}

/** Who holds what, and where that runs; what was not looked up is left out. */
export interface LookUps extends Pick<SelectionContext, 'userName' | 'containerOf' | 'unitOf'> {
  readonly ownershipOf: OwnershipOf | undefined
}

export interface Selected {
  readonly records: readonly SocketRecord[]
  /** The selected ones, and those that perhaps are: their holders are hidden. */
  readonly candidates: readonly SocketRecord[]
}

/**
 * Looks up the names in a selection and plans how to carry it out.
 *
 * @param options.wantsOwners connections that nobody has accepted are then explained by their
 *   listeners, which are asked for too
 * @throws ERR_NOT_FOUND when a name stands for nothing
 */
export async function planSelection(
  selection: Selection,
  {
    wantsOwners,
    userName,
    system = nameSystem,
  }: {
    readonly wantsOwners: boolean
    readonly userName: UserName
    readonly system?: NameSystem
  },
): Promise<SelectionPlan> {
  const condition = conditionOf(selection)
  const names = await lookUpNames(condition, system)
  const { protocols, families, states, details } = selection
  const isInTables = ({ state, protocol, family }: SocketRecord): boolean =>
    states.has(state) && protocols.has(protocol) && families.has(family)
  const decide = (context: Omit<SelectionContext, 'names'>) =>
    condition === undefined ? () => true : predicate(condition, { ...context, names })
  const mayBe = decide({ source: 'sock-diag', userName, holdersOf: () => 'hidden' })

  return {
    wanted: {
      protocols,
      families,
      states: wantsOwners ? new Set([...states, 'listen']) : states,
      details,
      kernelFilter: kernelFilter(wantsOwners ? orListener(condition) : condition, names),
    },
    mayNeedOwners: record =>
      record.state === 'listen' || (isInTables(record) && mayBe(record) !== false),
    select({ records, source }, { ownershipOf, ...lookUps }) {
      if (condition === undefined) {
        const all = records.filter(isInTables)
        return { records: all, candidates: all }
      }
      const verdictOn = decide({ ...lookUps, source, holdersOf: holdersBy(ownershipOf) })
      const selected: SocketRecord[] = []
      const candidates: SocketRecord[] = []
      for (const record of records) {
        if (!isInTables(record)) continue
        const verdict = verdictOn(record)
        if (typeof verdict === 'object') throw missingError(verdict, source)
        if (verdict !== false) candidates.push(record)
        if (verdict === true) selected.push(record)
      }
      return { records: selected, candidates }
    },
  }
}

/** Only what has no other end has port 0 there. */
function orListener(condition: Expression | undefined): Expression | undefined {
  if (condition === undefined) return undefined
  const ports = [{ first: 0, last: 0 }]
  return anyOf([condition, { kind: 'port', end: 'remote', comparison: '=', ports }])
}

function holdersBy(ownershipOf: OwnershipOf | undefined): SelectionContext['holdersOf'] {
  return record => {
    const ownership = ownershipOf?.(record)
    if (ownership?.kind === 'held') return ownership.owners
    // Who watches asks for what a process leaves behind too.
    if (ownership !== undefined && 'leftBy' in ownership) return ownership.leftBy ?? []
    return ownership === undefined || ownership.kind === 'hidden' ? 'hidden' : []
  }
}
