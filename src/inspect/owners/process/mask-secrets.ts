import { type PasswordOptions, passwordOptions } from './password-options.ts'

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
  return maskWords(words, (word, options) => maskWord(cut(word, LONGEST_WORD * 2), options)).map(
    word => cut(word, LONGEST_WORD),
  )
}

function maskWords(
  words: readonly string[],
  mask: (word: string, options: PasswordOptions) => string,
): string[] {
  const options = passwordOptions()
  let isValue = false
  return words.map(word => {
    const isMasked = isValue
    isValue = !isMasked && (options.takesPassword(word) || isSecretFlag(word))
    options.notice(word)
    return isMasked ? MASK : isValue ? word : mask(word, options)
  })
}

/** Longer ones, whole scripts and documents, are shown by their beginning. */
const LONGEST_WORD = 2048

function cut(word: string, length: number): string {
  return word.length > length ? `${word.slice(0, length)}...` : word
}

/** What the name of a secret ends with, or consists of. */
const SECRET_NAME =
  /(?:^|[-_.])(?:pass(?:wd|word|phrase|code)?|pwd|secrets?|tokens?|(?:api|access|private|secret|signing|encryption|auth|account)[-_]?keys?|credentials?|cookies?|jwt|bearer|otp|dsn|sas|connection[-_]?string)$|(?:password|passwd|passphrase|secret|apikey|token|secretkey|accesskey|privatekey|authkey)$/i

/** An option that says by its name that the next word is a secret. */
function isSecretFlag(word: string): boolean {
  return word.startsWith('-') && !/[=\s]/.test(word) && isSecretName(word)
}

/** Names that end so and hold none: numbers of tokens, refusals, and where a shell is. */
const NO_SECRET_NAME = /(?:max|min|num|count|limit|size)[-_]?tokens?$|^no-/i
const WORKING_FOLDER = /^(?:OLD)?PWD$/

function isSecretName(text: string): boolean {
  const name = text.replace(/^-+/, '')
  return SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name) && !WORKING_FOLDER.test(name)
}

function maskWord(word: string, options: PasswordOptions, depth = 0): string {
  const glued = options.gluedIn(word)
  if (glued !== undefined) return `${glued}${MASK}`
  const text = depth < DEEPEST_SCRIPT && /\s/.test(word) ? maskScript(word, depth) : word
  const [, name = '', sign = ''] = /^([\w.-]+)([=:]\s*)./s.exec(text) ?? []
  if (isSecretName(name)) return `${name}${sign}${MASK}`
  return maskWithin(text)
}

/** A shell that starts a shell, that starts a shell. */
const DEEPEST_SCRIPT = 5

/**
 * Hides secrets in a word that is a command line itself, perhaps several: `sh -c "mysql -px"`, a title
 * that a process has given itself. All but the secrets stays as it is written.
 */
function maskScript(script: string, depth: number): string {
  const found = [...script.matchAll(SHELL_WORD)]
  const words = found.map(([word]) => unquoted(word))
  const masked = maskWords(words, (word, options) => maskWord(word, options, depth + 1))
  let text = ''
  let at = 0
  for (const [i, { 0: written, index }] of found.entries()) {
    const word = masked[i] ?? ''
    text += script.slice(at, index) + (word === words[i] ? written : quotedAs(written, word))
    at = index + written.length
  }
  return text + script.slice(at)
}

/** What sh(1) takes for one word, its quotes included. */
const SHELL_WORD = /(?:"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)|\\.|[^\s;|&()"'\\])+/gs

function unquoted(written: string): string {
  return written.replace(
    /"((?:\\.|[^"\\])*)(?:"|$)|'([^']*)(?:'|$)|\\(.)/gs,
    (_, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? '',
  )
}

/** In the same quotes as before, if the whole word stood in some. */
function quotedAs(written: string, word: string): string {
  const quote = /^(["']).*\1$/s.exec(written)?.[1] ?? ''
  return word === MASK ? word : `${quote}${word}${quote}`
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

/** As sh(1) reads it: parts in quotes, and parts without. */
const VALUE = /^(?:"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)|[^\s&;,'"])+/s
