/** Stands where a secret was. */
const MASK = '***'

/**
 * Hides what looks like a secret in a command line: values of options and variables whose names say
 * so (`--password=x`, `--token x`, `API_KEY=x`), passwords in URLs, headers of authorisation, those
 * options of well-known programs that take a password, and the tokens of well-known services, which
 * say by their beginning what they are. What it cannot know it leaves: an argument without a name is
 * shown as it is.
 *
 * @param words the command line, program first
 */
export function maskSecrets(words: readonly string[]): string[] {
  const program = programOf(words[0] ?? '')
  const isSecretFlag = secretFlagsOf(words)
  const masked: string[] = []
  let isValue = false
  for (const word of words) {
    if (isValue) {
      masked.push(MASK)
      isValue = false
      continue
    }
    isValue = isSecretFlag(word)
    masked.push(isValue ? word : maskWord(cut(word, LONGEST_WORD * 2), program))
  }
  return masked.map(word => cut(word, LONGEST_WORD))
}

/** Longer ones, whole scripts and documents, are shown by their beginning. */
const LONGEST_WORD = 2048

function cut(word: string, length: number): string {
  return word.length > length ? `${word.slice(0, length)}...` : word
}

/** What the name of a secret ends with, or consists of. */
const SECRET_NAME =
  /(?:^|[-_.])(?:pass(?:wd|word|phrase|code)?|pwd|secrets?|tokens?|(?:api|access|private|secret|signing|encryption|auth|account)[-_]?keys?|credentials?|cookies?|jwt|bearer|otp|dsn|sas|connection[-_]?string)$|(?:password|passwd|passphrase|secret|apikey|token|secretkey|accesskey|privatekey|authkey)$/i

/** Names that end so and hold none: numbers of tokens, refusals, and where a shell is. */
const NO_SECRET_NAME = /(?:max|min|num|count|limit|size)[-_]?tokens?$|^no-/i
const WORKING_FOLDER = /^(?:OLD)?PWD$/

function isSecretName(text: string): boolean {
  const name = text.replace(/^-+/, '')
  return SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name) && !WORKING_FOLDER.test(name)
}

/** Options whose next word is the secret, for programs that call them something short. */
const FLAGS_OF: Readonly<Record<string, readonly string[]>> = {
  curl: ['-u', '--user', '-U', '--proxy-user', '-b', '--oauth2-bearer'],
  http: ['-a', '--auth'],
  https: ['-a', '--auth'],
  sshpass: ['-p'],
  'redis-cli': ['-a', '--pass'],
  'redis-benchmark': ['-a'],
  mongosh: ['-p'],
  mongo: ['-p'],
  mongodump: ['-p'],
  ldapsearch: ['-w'],
  ldapmodify: ['-w'],
  sqlcmd: ['-P'],
  mosquitto_pub: ['-P'],
  mosquitto_sub: ['-P'],
  'docker login': ['-p'],
  'podman login': ['-p'],
}

function secretFlagsOf(words: readonly string[]): (word: string) => boolean {
  const program = programOf(words[0] ?? '')
  const flags = FLAGS_OF[program] ?? FLAGS_OF[`${program} ${words[1]}`] ?? []
  return word =>
    flags.includes(word) || (word.startsWith('-') && !word.includes('=') && isSecretName(word))
}

/** Programs of which one short option has the password behind it without a blank: `-px`. */
const GLUED: readonly (readonly [RegExp, string])[] = [
  [/^(?:mysql\w*|mariadb[\w-]*|mysqldump|mysqladmin)$/, '-p'],
  [/^sshpass$/, '-p'],
  [/^redis-(?:cli|benchmark)$/, '-a'],
  [/^curl$/, '-u'],
]

function maskWord(word: string, program: string): string {
  for (const [pattern, flag] of GLUED) {
    if (pattern.test(program) && word.startsWith(flag) && word.length > flag.length) {
      return `${flag}${MASK}`
    }
  }
  const [, name = '', sign = ''] = /^([\w.-]+)([=:]\s*)./s.exec(word) ?? []
  if (isSecretName(name)) return `${name}${sign}${MASK}`
  return maskWithin(word)
}

const TOKENS = [
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bgithub_pat_\w{20,}/g,
  /\bglpat-[\w-]{16,}/g, // GitLab
  /\bxox[abeoprs]-[\w-]{10,}/g, // Slack
  /\b[rs]k_(?:live|test)_\w{10,}/g, // Stripe
  /\bsk-[\w-]{20,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // AWS
  /\bAIza[\w-]{35}/g, // Google
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g, // a JSON Web Token
]

/** Secrets anywhere in a word, which may be a whole script or a connection string. */
function maskWithin(word: string): string {
  const rest = word
    // scheme://user:password@host, and scheme://:password@host; a password may hold an @.
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@?#]*:)[^\s/?#]*@/gi, `$1${MASK}@`)
    .replace(/\b((?:proxy-)?authorization\s*:\s*(?:\w+\s+)?)\S+/gi, `$1${MASK}`)
    .replace(/\b((?:x-)?(?:api-key|auth-token|vault-token|private-token)\s*:\s*)\S+/gi, `$1${MASK}`)
    .replace(/\b(cookie\s*:\s*).+/gi, `$1${MASK}`)
    .replace(/\b(bearer\s+)[\w.~+/=-]{8,}/gi, `$1${MASK}`)
    // "name": "value", as in JSON.
    .replace(/(["'])([\w.-]+)\1(\s*:\s*)(["'])(?:\\.|(?!\4).)*\4/g, (whole, ...parts: string[]) => {
      const [quote, name = '', colon, mark] = parts
      return isSecretName(name) ? `${quote}${name}${quote}${colon}${mark}${MASK}${mark}` : whole
    })
    // --password x, in one word with a whole command.
    .replace(/(?<=\s)(--?[\w-]+)(\s+)(?!-)\S+/g, (whole, name: string, blank: string) =>
      isSecretName(name) ? `${name}${blank}${MASK}` : whole,
    )
  return TOKENS.reduce((text, token) => text.replace(token, MASK), maskAssignments(rest))
}

/** NAME=value, wherever it stands: in a script, a query, a connection string, behind another. */
function maskAssignments(text: string): string {
  let masked = ''
  let at = 0
  for (const { 0: whole, 1: name = '', index } of text.matchAll(/([\w.-]+)=/g)) {
    if (index < at || !isSecretName(name)) continue
    const start = index + whole.length
    const [value = ''] = VALUE.exec(text.slice(start)) ?? []
    if (value === '') continue
    masked += text.slice(at, start) + MASK
    at = start + value.length
  }
  return masked + text.slice(at)
}

const VALUE = /^(?:"[^"]*"|'[^']*'|[^\s&;,'"]+)/

function programOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}
