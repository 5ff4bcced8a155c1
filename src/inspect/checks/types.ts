/*
 * A check asks a question about the sockets of this machine to which a script wants yes or no: an
 * assertion on how many there are, a policy, a comparison with an earlier moment. Whatever it was,
 * its results are of this one form, and every view of results takes them.
 */

/** How bad it is where a check fails: worth a look; something suffers; something is wrong. */
export type CheckSeverity = 'note' | 'warning' | 'problem'

/** What one check came to, on one thing. */
export interface CheckResult {
  /** What was checked, for ever, in words with dots between the parts: `policy.listener`. */
  readonly name: string
  /** What it was checked on, safe to print: `tcp 127.0.0.1:8080`, or what was selected. */
  readonly subject: string
  /** False also where it could not be told: see `unseen`. */
  readonly ok: boolean
  readonly severity: CheckSeverity
  /** One sentence without a full stop, safe to print, that is understood without the subject. */
  readonly message: string
  /** The facts behind it, a line each, safe to print. */
  readonly details: readonly string[]
  /**
   * Why there is no answer: what it depends on is hidden from this user, or no source tells it.
   * Undefined: there is one.
   */
  readonly unseen?: 'denied' | 'unsupported' | undefined
}

/** Whether a check says no: it is not one that could not be told. */
export function isFailure({ ok, unseen }: CheckResult): boolean {
  return !ok && unseen === undefined
}
