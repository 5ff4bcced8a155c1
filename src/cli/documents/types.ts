/*
 * A document is a list of sections. What a command or a topic has to say is put into sections once
 * (`command-sections.ts`, `../topics/`); the terminal, the man pages and the README are three ways
 * of writing them down (`terminal.ts`, `man-page.ts`, `readme.ts`).
 */

export interface Section {
  readonly title: string
  readonly body: readonly Block[]
}

/** Prose in the grammar of `Note.text`, or rows. */
export type Block = string | readonly Row[]

/** A term and what it means: an option, a scheme, an example. Without a text: a line to keep. */
export type Row = readonly [term: string, text: string]
