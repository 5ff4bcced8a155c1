import { terminalText } from '../../terminal-text.ts'
import type { Snapshot, WarningCode } from '../types.ts'
import type { CheckResult } from './types.ts'

/** Which warnings mean that something may be there which was not seen, and why it was not. */
const UNSEEN: Readonly<Partial<Record<WarningCode, 'denied' | 'unsupported'>>> = {
  'owners-hidden': 'denied',
  'netns-hidden': 'denied',
  incomplete: 'unsupported',
}

/**
 * A result for each part of the machine that could not be looked at: nothing found is not nothing there.
 *
 * @param codes of the warnings that matter
 */
export function unseenParts(
  { warnings }: Pick<Snapshot, 'warnings'>,
  codes: readonly WarningCode[],
): CheckResult[] {
  return warnings
    .filter(({ code }) => codes.includes(code))
    .map(({ code, message }) => ({
      name: `sight.${code}`,
      subject: 'this machine',
      ok: false,
      // Most often they are of services that nobody asked about.
      severity: code === 'owners-hidden' ? 'warning' : 'problem',
      message: terminalText(message),
      details: [],
      unseen: UNSEEN[code],
    }))
}
