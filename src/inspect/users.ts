import { readFileSync } from 'node:fs'

/** Names the user that a uid stands for, or undefined when it has no name here. */
export type UserName = (uid: number) => string | undefined

/**
 * Looks users up in passwd(5), which is read when the first name is asked for. Users that only a
 * directory service knows (LDAP, SSSD) stay numbers: asking it could take seconds.
 */
export function userNames(file = '/etc/passwd'): UserName {
  let names: ReadonlyMap<number, string> | undefined
  return uid => {
    names ??= readNames(file)
    return names.get(uid)
  }
}

function readNames(file: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const line of readLines(file)) {
    const [name, , uid] = line.split(':')
    // The first line of a uid is its name: getpwuid(3) reads them in this order too.
    if (name && uid && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name)
  }
  return names
}

/** A system without the file (Windows, a bare container) has no names. */
function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
