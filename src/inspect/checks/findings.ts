import { terminalText } from '../../terminal-text.ts'
import { RULES } from '../rules/index.ts'
import type { Finding, Rule } from '../rules/types.ts'
import type { CheckResult } from './types.ts'

/**
 * The findings of a diagnosis as results of checks: one for each finding, and one that is in order for
 * each rule that found nothing.
 */
export function findingResults(findings: readonly Finding[]): CheckResult[] {
  const met = new Set(findings.map(({ id }) => id))
  const silent = Object.values(RULES).filter(({ id }: Rule) => !met.has(id))
  return [...findings.map(resultOf), ...silent.map(silence)]
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

function silence({ id, severity, title }: Rule): CheckResult {
  const message = `nothing found: ${title}`
  return { name: id, subject: 'this machine', ok: true, severity, message, details: [] }
}
