import { inetAddress, isLoopback } from '../../../address.ts'
import { isInetEnd } from '../../ends.ts'
import type { Ownership } from '../../explain/ownership.ts'
import { addressBytes, isInBlock } from '../../select/address-block.ts'
import { globMatcher } from '../../select/glob.ts'
import type { Owner, SocketRecord } from '../../types.ts'
import type { ListFacts } from '../../views/columns/types.ts'
import type { Name, Place, Policy, PolicyRule } from './types.ts'

/** What a policy says of a listener. */
export type Judgement =
  /** Without a rule: by default. */
  | { readonly kind: 'allowed' | 'denied'; readonly rule: PolicyRule | undefined }
  /** A rule allows the place, but to another process or user. */
  | { readonly kind: 'stranger'; readonly rule: PolicyRule }
  /** It depends on who holds it, which is hidden, or which nobody tells here. */
  | { readonly kind: 'untold'; readonly rule: PolicyRule; readonly why: Unseen }

export type Unseen = 'denied' | 'unsupported'

type Facts = Pick<ListFacts, 'ownershipOf' | 'userName'>

/** Makes the function that judges listeners by a policy. */
export function judgeBy(
  { rules, byDefault }: Policy,
  facts: Facts,
): (record: SocketRecord) => Judgement {
  const tests = rules.map(rule => ({ rule, ...testsOf(rule, facts) }))
  return record => {
    const fitting = tests.filter(({ isPlace }) => isPlace(record))
    const judge = (at: number, stranger: PolicyRule | undefined): Judgement => {
      const test = fitting[at]
      if (test === undefined) {
        if (stranger !== undefined) return { kind: 'stranger', rule: stranger }
        return { kind: byDefault === 'allow' ? 'allowed' : 'denied', rule: undefined }
      }
      const { rule, isHeld } = test
      const verdict = isHeld(record)
      const isDenial = rule.kind === 'deny'
      if (verdict === true) return { kind: isDenial ? 'denied' : 'allowed', rule }
      const otherwise = judge(at + 1, isDenial ? stranger : (stranger ?? rule))
      if (verdict === false) return otherwise
      // Where it would come to the same without this line, what is hidden does not matter.
      const isSame = isDenial ? otherwise.kind === 'denied' : otherwise.kind === 'allowed'
      return isSame ? otherwise : { kind: 'untold', rule, why: verdict }
    }
    return judge(0, undefined)
  }
}

/** Makes the tests of one rule: of the place, and of who holds what is there. */
export function testsOf(
  { protocol, place, kind, processes, user }: PolicyRule,
  { ownershipOf, userName }: Facts,
): {
  readonly isPlace: (record: SocketRecord) => boolean
  readonly isHeld: (record: SocketRecord) => boolean | Unseen
} {
  const isThere = placeTest(place)
  const names = processes.map(nameTest)
  const isNamed = ({ name }: Owner): boolean => names.some(test => test(name))
  const isUser = (uid: number): boolean => String(uid) === user || userName(uid) === user
  return {
    isPlace: record => record.protocol === protocol && isThere(record),
    isHeld(record) {
      const { uid } = record
      if (user !== undefined && uid !== undefined && !isUser(uid)) return false
      const byProcess =
        names.length === 0 || isHeldBy(ownershipOf?.(record), isNamed, kind === 'deny')
      if (byProcess === false) return false
      return user !== undefined && uid === undefined ? 'unsupported' : byProcess
    },
  }
}

/** Allowed are those that all have a name of the rule; to be denied it takes one. */
function isHeldBy(
  ownership: Ownership | undefined,
  isNamed: (owner: Owner) => boolean,
  oneIsEnough: boolean,
): boolean | Unseen {
  if (ownership === undefined) return 'unsupported'
  if (ownership.kind === 'hidden') return 'denied'
  if (ownership.kind !== 'held') return false
  const { owners } = ownership
  return oneIsEnough ? owners.some(isNamed) : owners.every(isNamed)
}

function placeTest(place: Place): (record: SocketRecord) => boolean {
  if ('path' in place) {
    const isPath = textTest(place.path)
    return ({ local }) => local.family === 'unix' && isPath(local.path)
  }
  const { addresses, ports } = place
  return ({ local }) => {
    if (!isInetEnd(local)) return false
    const { port } = local
    if (ports?.every(({ first, last }) => port < first || port > last)) return false
    if (addresses === 'any') return true
    if (addresses === 'localhost') return isLoopback(local.host)
    const { host, family } = inetAddress(local.host, port)
    const bytes = family === addresses.family ? addressBytes(family, host) : undefined
    return bytes !== undefined && isInBlock(bytes, addresses)
  }
}

function textTest(name: Name): (text: string) => boolean {
  return isPattern(name) ? globMatcher(name.text) : other => other === name.text
}

function isPattern({ text, isLiteral }: Name): boolean {
  return !isLiteral && /[*?[\\]/.test(text)
}

/** Linux keeps 15 bytes of a name (PR_SET_NAME): a longer one in a rule is meant by its beginning. */
const LONGEST_NAME = 15

function nameTest(name: Name): (text: string) => boolean {
  const test = textTest(name)
  if (isPattern(name) || Buffer.byteLength(name.text) <= LONGEST_NAME) return test
  const beginning = Buffer.from(name.text).subarray(0, LONGEST_NAME).toString()
  return text => test(text) || text === beginning
}
