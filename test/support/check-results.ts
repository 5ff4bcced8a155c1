import type { CheckResult } from '../../src/inspect/checks/types.ts'
import { terminalText } from '../../src/terminal-text.ts'

/** A name that tries to be something else in every format there is. */
export const HOSTILE = 'x\r\n::error::]]>\u0000"><!--&amp;%0A,:\\\u001b[31m\u202e\ud800'

/** One result of each kind: in order, failed, hidden; all with hostile text. */
export function checkResults(): CheckResult[] {
  const text = terminalText(HOSTILE)
  return [
    {
      name: 'policy.listener',
      subject: `tcp ${text}`,
      ok: true,
      severity: 'note',
      message: `allowed ${text}`,
      details: [],
    },
    {
      name: 'policy.listener',
      subject: `unix ${text}`,
      ok: false,
      severity: 'problem',
      message: `not allowed ${text}`,
      details: [`held by ${text}`, 'made by user 0 root'],
    },
    {
      name: 'diff.more-connections',
      subject: 'java',
      ok: false,
      severity: 'warning',
      message: 'more',
      details: [],
    },
    {
      name: 'policy.listener',
      subject: 'tcp *:1',
      ok: false,
      severity: 'problem',
      message: 'cannot be seen',
      details: [],
      unseen: 'denied',
    },
  ]
}
