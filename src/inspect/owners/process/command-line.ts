import { maskSecrets } from './mask-secrets.ts'

/**
 * Reads the text of /proc/PID/cmdline: the words with a NUL behind each. A process can write over
 * them (setproctitle): then it is one text with blanks, and perhaps NULs behind it.
 *
 * @returns no words where there are none: threads of the kernel, zombies
 */
export function parseCommandLine(text: string): string[] {
  const trimmed = text.replace(/\0+$/, '')
  return trimmed === '' ? [] : trimmed.split('\0')
}

/** Writes a command line for people, as sh(1) would read it, with its secrets masked. */
export function commandText(words: readonly string[]): string {
  return maskSecrets(words).map(quoted).join(' ')
}

/** A title that a process has given itself (`nginx: worker process`) is no word to be quoted. */
function quoted(word: string, index: number, words: readonly string[]): string {
  if (words.length === 1 && index === 0) return word
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
