import { terminalText } from '../../terminal-text.ts'
import { formatCount } from '../../units.ts'
import { RULES } from '../rules/index.ts'
import type { Answers, Finding, Rule } from '../rules/types.ts'
import type { CheckResult } from './types.ts'

/**
 * What rules came to, as results of checks: one for each finding, and one for each rule that found
 * nothing, which is in order unless the rule could not see what it had to.
 */
export function findingResults({ findings, blind }: Answers): CheckResult[] {
  const met = new Set(findings.map(({ id }) => id))
  const unseen = new Map(blind.map(({ rule, sockets }) => [rule.id, sockets.length]))
  const silent = Object.values<Rule>(RULES).filter(({ id }) => !met.has(id))
  return [...findings.map(resultOf), ...silent.map(rule => silence(rule, unseen.get(rule.id)))]
}

function resultOf({ id, severity, summary, evidence, advice, pids }: Finding): CheckResult {
  const [pid, ...others] = pids
  const steps = advice.map(({ text, command }) =>
    command === undefined ? text : `${text} ${command}`,
  )
  return {
    name: id,
    subject: pid === undefined || others.length > 0 ? 'this machine' : `pid ${pid}`,
    ok: false,
    severity,
    message: terminalText(summary.replace(/\.$/, '')),
    details: [...evidence, ...steps].map(terminalText),
  }
}

function silence({ id, severity, title }: Rule, hidden: number | undefined): CheckResult {
  const subject = 'this machine'
  if (hidden === undefined) {
    return {
      name: id,
      subject,
      ok: true,
      severity,
      message: `nothing found: ${title}`,
      details: [],
    }
  }
  const owners = formatCount(hidden, 'owner')
  const message = `cannot be told while ${owners} ${hidden === 1 ? 'is' : 'are'} hidden: ${title}`
  return { name: id, subject, ok: false, severity, message, details: [], unseen: 'denied' }
}
