/**
 * What a peer shows to be let in: a token, a JWT. Whoever asks for it (a first line, a handshake)
 * knows no more of it than that it is text.
 */
export interface Credentials {
  /** Never rejects: what cannot be checked does not let anybody in. */
  check(text: string): Promise<Verdict>
}

export type Verdict = Admitted | NotAdmitted

export interface Admitted {
  readonly isAdmitted: true
  /** Who it is, where the credential says so. */
  readonly user?: string | undefined
}

export interface NotAdmitted {
  readonly isAdmitted: false
  /** For our log: `wrong token`. A peer who is told could learn from it. */
  readonly why: string
}

/** All that a peer is told who may not in. */
export const NOT_ALLOWED_IN = 'not allowed in'

/** Lets in whom any of several would. All of them are asked, so that the time tells nothing. */
export function anyOf(several: readonly Credentials[]): Credentials {
  return {
    async check(text) {
      const verdicts = await Promise.all(several.map(one => one.check(text)))
      const admitted = verdicts.find(one => one.isAdmitted)
      const reasons = verdicts.flatMap(one => (one.isAdmitted ? [] : [one.why]))
      return admitted ?? { isAdmitted: false, why: reasons.join(', ') || NOT_ALLOWED_IN }
    },
  }
}
