/**
 * Reads what `ps -axo pid=,comm=` writes: a process to a line. On macOS its name is a whole path, of
 * which the last part is kept.
 */
export function parseProcessNames(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const [, pid = '', path = ''] of text.matchAll(/^ *(\d{1,10}) +(.+?) *$/gm)) {
    names.set(Number(pid), path.slice(path.lastIndexOf('/') + 1) || path)
  }
  return names
}
