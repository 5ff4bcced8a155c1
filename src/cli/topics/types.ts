import type { Section } from '../documents/types.ts'

/*
 * Topics are what `sockctl help` explains beside the commands. A topic is one file in this folder,
 * registered in `index.ts`: one line for the list, and sections.
 */

export interface Topic {
  /** One line, shown in the list of topics. No full stop. */
  readonly summary: string
  readonly sections: readonly Section[]
}
