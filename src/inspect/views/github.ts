import type { CheckResult } from '../checks/types.ts'

/**
 * Writes what failed as workflow commands, which GitHub Actions shows beside a run, in pieces. What
 * is in order says nothing.
 *
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function* githubView(results: readonly CheckResult[]): Generator<string> {
  for (const { ok, name, subject, severity, message, details } of results) {
    if (ok) continue
    const title = escapeProperty(`sockctl ${name}: ${subject}`)
    yield `::${LEVELS[severity]} title=${title}::${escapeData([message, ...details].join('\n'))}\n`
  }
}

const LEVELS = { note: 'notice', warning: 'warning', problem: 'error' } as const

/** As escapeData() of @actions/core does it. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** A property ends at a colon or a comma as well. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
