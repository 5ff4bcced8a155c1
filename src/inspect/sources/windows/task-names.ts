/**
 * Reads what `tasklist /fo csv /nh` writes: `"node.exe","4711","Console","1","51,204 K"`. The columns
 * do not depend on the language. What stands there in place of a table has no process.
 */
export function parseTaskNames(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const [, name = '', pid = ''] of text.matchAll(/^"((?:[^"\r\n]|"")*)","(\d{1,10})",/gm)) {
    names.set(Number(pid), name.replaceAll('""', '"'))
  }
  return names
}
