/**
 * Which options of a command line take a password, by the programs that it names. A program may stand
 * behind others that start it (`sudo -u x mysql`, `docker exec -it db mysql`), so that every word that is
 * the name of one counts from there on: rather a word too many is hidden than a secret shown.
 */
export interface PasswordOptions {
  /** Takes a word of the command line into account, for those behind it. */
  notice(word: string): void
  /** Whether the next word is a password. */
  takesPassword(word: string): boolean
  /** The option in front of a password without a blank: `-p` of `-pSecret`. Undefined: there is none. */
  gluedIn(word: string): string | undefined
}

/** Begins a command line, of which nothing is known yet. */
export function passwordOptions(): PasswordOptions {
  const next = new Set<string>()
  const glued = new Set<string>()
  let before = ''
  let isContainers = false
  return {
    notice(word) {
      const name = programOf(word)
      const isName = NAMES_SOMETHING.has(before)
      before = word
      if (isName) return
      isContainers ||= CONTAINERS.test(name)
      const program = isContainers && name === 'login' ? 'docker login' : name
      for (const [pattern, takes] of PROGRAMS) {
        if (!pattern.test(program)) continue
        for (const flag of takes.next ?? []) next.add(flag)
        for (const flag of takes.glued ?? []) glued.add(flag)
      }
    },
    takesPassword: word => next.has(word),
    gluedIn: word => [...glued].find(flag => word.startsWith(flag) && word.length > flag.length),
  }
}

/** Options of container engines, and a word of theirs that could be the name of a program. */
const NAMES_SOMETHING = new Set(['--name', '--hostname', '-h', '--network', '--network-alias'])
const CONTAINERS = /^(?:docker|podman|nerdctl|helm|oras|crane|skopeo|buildah)$/

/** Options that are called something short, with the password in the next word, or in the same. */
const PROGRAMS: readonly (readonly [
  RegExp,
  { readonly next?: readonly string[]; readonly glued?: readonly string[] },
])[] = [
  [/^(?:mysql\w*|mariadb[\w-]*)$/, { glued: ['-p'] }],
  [/^sshpass$/, { next: ['-p'], glued: ['-p'] }],
  [/^redis-(?:cli|benchmark)$/, { next: ['-a', '--pass'], glued: ['-a'] }],
  [/^mongo(?:sh|dump|restore|export|import|stat|top|files)?$/, { next: ['-p'] }],
  [/^cqlsh$/, { next: ['-p'] }],
  [
    /^curl$/,
    { next: ['-u', '--user', '-U', '--proxy-user', '-b', '--oauth2-bearer'], glued: ['-u', '-U'] },
  ],
  [/^https?$/, { next: ['-a', '--auth'] }],
  [/^ldap(?:search|modify|add|delete|whoami|passwd|compare)$/, { next: ['-w'], glued: ['-w'] }],
  [/^sqlcmd$/, { next: ['-P'], glued: ['-P'] }],
  [/^mosquitto_(?:pub|sub|rr)$/, { next: ['-P'] }],
  [/^smbclient$/, { next: ['-U'] }],
  [/^lftp$/, { next: ['-u'] }],
  [/^(?:un)?zip$/, { next: ['-P'] }],
  [/^7za?$/, { glued: ['-p'] }],
  [/^docker login$/, { next: ['-p'] }],
]

function programOf(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}
