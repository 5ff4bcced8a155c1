import type { CompletableCommand, CompletableOption, CompletableValue } from './types.ts'

/** Writes the script for zsh (5.0 and later), to be sourced or to lie in a folder of fpath. */
export function writeZsh(commands: readonly CompletableCommand[]): string {
  const functions = commands.map(command =>
    writeFunction(
      command,
      commands.filter(one => isBelow(command.path, one.path)),
    ),
  )
  return `#compdef sockctl
# zsh completion for sockctl, made by: sockctl completion zsh
# Load it: source <(sockctl completion zsh), or save it as _sockctl in a folder of fpath.

# What follows -- is a command of the user's.
_sockctl_after_dashes() {
  local dashes=\${words[(i)--]}
  (( dashes < CURRENT )) || return 1
  words=("\${(@)words[dashes + 1, -1]}")
  (( CURRENT -= dashes ))
  _normal
}

${functions.join('\n\n')}

if [ "$funcstack[1]" = _sockctl ]; then
  _sockctl "$@"
else
  compdef _sockctl sockctl
fi
`
}

function isBelow(path: string, other: string): boolean {
  const parent = other.includes(' ') ? other.slice(0, other.lastIndexOf(' ')) : ''
  return other !== '' && parent === path
}

function writeFunction(
  { path, words, options, takesCommand }: CompletableCommand,
  below: readonly CompletableCommand[],
): string {
  const lines = [`${functionName(path)}() {`]
  if (takesCommand) lines.push('  _sockctl_after_dashes && return')
  if (words.length > 0) {
    lines.push(
      '  local -a offered=(',
      ...words.map(({ word, text }) => `    ${described(word, text)}`),
    )
    lines.push('  )')
  }
  if (below.length > 0) lines.push('  local curcontext=$curcontext state line')
  lines.push(
    `  _arguments -s -S${below.length > 0 ? ' -C' : ''} ${[
      ...options.map(optionSpec),
      ...(words.length > 0 ? [`'1: :{_describe word offered}'`] : [`'*: : '`]),
      ...(below.length > 0 ? [`'*:: :->below'`] : []),
    ].join(' \\\n    ')}`,
  )
  if (below.length > 0) {
    const cases = below.map(
      one => `    ${one.path.slice(path.length).trim()}) ${functionName(one.path)} ;;`,
    )
    lines.push('  if [[ $state == below ]]; then', '    case $line[1] in', ...cases)
    lines.push('    esac', '  fi')
  }
  return [...lines, '}'].join('\n')
}

function functionName(path: string): string {
  return `_sockctl${path === '' ? '' : `_${path.replace(/\W/g, '_')}`}`
}

function optionSpec({ short, long, text, value, repeatable }: CompletableOption): string {
  const forms = [
    ...(short === undefined ? [] : [value === undefined ? short : `${short}+`]),
    ...(long === undefined ? [] : [value === undefined ? long : `${long}=`]),
  ]
  const explained = quote(`[${text.replace(/[\\[\]]/g, '\\$&')}]${valueSpec(value)}`)
  const [only] = forms
  if (forms.length === 1) return `${repeatable ? "'*'" : ''}${only}${explained}`
  const excluded = repeatable ? "'*'" : `'(${short} ${long})'`
  return `${excluded}{${forms.join(',')}}${explained}`
}

function valueSpec(value: CompletableValue | undefined): string {
  if (value === undefined) return ''
  const colon = value.isOptional ? '::' : ':'
  return `${colon}${value.name}:${valueAction(value)}`
}

function valueAction({ kind, choices }: CompletableValue): string {
  switch (kind) {
    case 'file':
      return '_files'
    case 'folder':
      return '_files -/'
    case 'choice':
      return `(${choices.join(' ')})`
    case 'free':
      return ' '
  }
}

/** A word and its text for _describe, where a colon separates them. */
function described(word: string, text: string): string {
  return quote(`${word}:${text}`)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
