import { terminalText } from '../../../terminal-text.ts'
import { formatBlock } from '../../select/address-block.ts'
import type { SocketRecord } from '../../types.ts'
import type { SocketList } from '../../views/types.ts'
import { ownershipText, userText } from '../../views/words.ts'
import { isListener, listenerName } from '../listeners.ts'
import type { CheckResult } from '../types.ts'
import { type Judgement, judgeBy, testsOf } from './judge.ts'
import type { Name, Policy, PolicyProtocol, PolicyRule } from './types.ts'
import { quoted } from './words.ts'

/** What was looked at: rules about anything else are neither kept nor broken. */
export interface PolicyScope {
  readonly protocols: ReadonlySet<string>
}

/**
 * Checks what listens against a policy: a result for each listener, and for each one that is
 * required and not there.
 */
export function checkPolicy(
  policy: Policy,
  list: SocketList,
  { protocols }: PolicyScope,
): CheckResult[] {
  const listeners = list.records.filter(
    record => isListener(record) && (POLICED as ReadonlySet<string>).has(record.protocol),
  )
  const judge = judgeBy(policy, list)
  // Workers share a port by sockets of their own (SO_REUSEPORT): what is the same is said once.
  const results = new Map<string, CheckResult>()
  for (const record of listeners) {
    const result = listenerResult(record, judge(record), list)
    results.set(`${result.subject}\n${result.message}`, result)
  }
  const required = policy.rules.filter(
    ({ kind, protocol }) => kind === 'require' && protocols.has(protocol),
  )
  const missing = required.flatMap(rule => requiredResult(rule, listeners, list) ?? [])
  return [...results.values(), ...missing]
}

const POLICED: ReadonlySet<PolicyProtocol> = new Set(['tcp', 'udp', 'unix'])

function listenerResult(record: SocketRecord, judgement: Judgement, list: SocketList): CheckResult {
  const subject = listenerName(record, list)
  const { ownershipOf, userName } = list
  const holder =
    ownershipOf === undefined
      ? 'nobody looked up who holds it'
      : `held by ${ownershipText(ownershipOf(record), record.state, userName)}`
  const user = record.uid === undefined ? [] : [`made by user ${userText(record.uid, userName)}`]
  const base = { name: 'policy.listener', subject, severity: 'problem' } as const
  const details = [holder, ...user]
  const { rule } = judgement
  const line = rule === undefined ? 'no line names it' : `line ${rule.line}: ${ruleText(rule)}`
  switch (judgement.kind) {
    case 'allowed':
      return {
        ...base,
        ok: true,
        severity: 'note',
        message: `${subject} is allowed (${rule === undefined ? 'by default' : `line ${rule.line}`})`,
        details: [],
      }
    case 'denied':
      return { ...base, ok: false, message: `${subject} is not allowed: ${line}`, details }
    case 'stranger':
      return {
        ...base,
        ok: false,
        message: `${subject} is allowed to another process or user only: ${line}`,
        details,
      }
    case 'untold':
      return {
        ...base,
        ok: false,
        message: `${subject} may break the policy: who holds it cannot be seen (${line})`,
        details,
        unseen: judgement.why,
      }
  }
}

/** Undefined: it is there. */
function requiredResult(
  rule: PolicyRule,
  listeners: readonly SocketRecord[],
  list: SocketList,
): CheckResult | undefined {
  const { isPlace, isHeld } = testsOf(rule, list)
  const verdicts = listeners.filter(isPlace).map(isHeld)
  if (verdicts.includes(true)) return undefined
  const unseen = verdicts.find(verdict => typeof verdict === 'string')
  const text = ruleText(rule)
  const line = `line ${rule.line}: ${text}`
  return {
    name: 'policy.required',
    subject: text,
    ok: false,
    severity: 'problem',
    message:
      unseen === undefined
        ? `what is required does not listen: ${line}`
        : `what is required may not listen: who does cannot be seen (${line})`,
    details: [],
    unseen: unseen as CheckResult['unseen'],
  }
}

/** Writes a rule as it stands in a policy. Safe to print. */
export function ruleText({ kind, protocol, place, processes, user }: PolicyRule): string {
  const words = [
    ...(kind === 'allow' ? [] : [kind]),
    protocol,
    placeText(place),
    ...(processes.length === 0 ? [] : [processes.map(nameText).join(',')]),
    ...(user === undefined ? [] : [`user=${quoted(user)}`]),
  ]
  return terminalText(words.join(' '))
}

function placeText(place: PolicyRule['place']): string {
  if ('path' in place) return nameText(place.path)
  const { addresses, ports } = place
  const where = ports?.map(({ first, last }) => (first === last ? first : `${first}-${last}`))
  return `${addressText(addresses)}:${where?.join(',') ?? '*'}`
}

function addressText(
  addresses: Extract<PolicyRule['place'], { readonly ports: unknown }>['addresses'],
): string {
  if (addresses === 'any') return '*'
  if (addresses === 'localhost') return addresses
  const text = formatBlock(addresses)
  return addresses.family === 'ipv6' ? `[${text}]` : text
}

function nameText({ text, isLiteral }: Name): string {
  return isLiteral ? quoted(text) : text
}
