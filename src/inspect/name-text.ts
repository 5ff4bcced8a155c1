import { terminalText } from '../terminal-text.ts'

/**
 * Writes the name of a process, which it chooses itself. One that could be taken for something else
 * (`x pid=1`, `(orphan)`) stands in quotes, so that no name can pose as another owner or as a remark of
 * ours. Safe to print.
 */
export function nameText(name: string): string {
  if (/^[A-Za-z0-9_][\w.:/@+-]*$/.test(name)) return name
  return `"${terminalText(name.replaceAll(/["\\]/g, '\\$&'))}"`
}
