import type { CompletableCommand, CompletableOption } from './types.ts'

/** Writes the script for bash (4.0 and later; it needs no bash-completion package). */
export function writeBash(commands: readonly CompletableCommand[]): string {
  return `# bash completion for sockctl, made by: sockctl completion bash
# Load it: source <(sockctl completion bash)

_sockctl_offer() {
  local found
  while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen "$@")
}

_sockctl_files() {
  compopt -o filenames 2>/dev/null
  _sockctl_offer "$@"
}

_sockctl() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local command='' words='' options='' position=1 i
  COMPREPLY=()

  # readline makes a word of the = in --option=value.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi

  if ((COMP_CWORD > 1)); then
    command=\${COMP_WORDS[1]} position=2
  fi
  if ((COMP_CWORD > 2)); then
    case "$command \${COMP_WORDS[2]}" in
    ${pattern(commands.map(one => one.path).filter(path => path.includes(' ')))})
      command="$command \${COMP_WORDS[2]}" position=3 ;;
    esac
  fi

  # What follows -- is a command of the user's.
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -- ]] || continue
    case "$command" in
    ${pattern(commands.filter(one => one.takesCommand).map(one => one.path))})
      if ((i == COMP_CWORD - 1)); then
        _sockctl_files -c -- "$cur"
      else
        _sockctl_files -f -- "$cur"
      fi ;;
    esac
    return
  done

  # The value of the option before it.
  case "$command $prev" in
${valueCases(commands).join('\n')}
  esac

  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
  if ((COMP_CWORD == position)) && [[ -n $words && $cur != -* ]]; then
    _sockctl_offer -W "$words" -- "$cur"
  else
    _sockctl_offer -W "$options" -- "$cur"
  fi
}

complete -F _sockctl sockctl
`
}

function commandCase({ path, words, options }: CompletableCommand): string {
  const offered = options.map(option => option.long ?? option.short)
  const lines = [`  ${quote(path)})`]
  if (words.length > 0) lines.push(`    words=${quote(words.map(one => one.word).join(' '))}`)
  lines.push(`    options=${quote(offered.join(' '))} ;;`)
  return lines.join('\n')
}

/** The options that take a value, by what can be offered for it. */
function valueCases(commands: readonly CompletableCommand[]): readonly string[] {
  const actions = new Map<string, string[]>()
  for (const { path, options } of commands) {
    for (const option of options) {
      const action = valueAction(option)
      if (action === undefined) continue
      const typed = [option.short, option.long].filter(form => form !== undefined)
      const patterns = typed.map(form => `${path} ${form}`)
      actions.set(action, [...(actions.get(action) ?? []), ...patterns])
    }
  }
  return [...actions].map(([action, patterns]) => `  ${pattern(patterns)})\n    ${action}return ;;`)
}

function valueAction({ value }: CompletableOption): string | undefined {
  if (value === undefined) return undefined
  switch (value.kind) {
    case 'file':
      return '_sockctl_files -f -- "$cur"; '
    case 'folder':
      return '_sockctl_files -d -- "$cur"; '
    case 'choice':
      return `_sockctl_offer -W ${quote(value.choices.join(' '))} -- "$cur"; `
    case 'free':
      // Nothing can be offered; but what may be left out may be followed by an option.
      return value.isOptional ? undefined : ''
  }
}

/** A pattern of `case` that matches these words, and nothing when there are none. */
function pattern(words: readonly string[]): string {
  return words.length === 0 ? "''" : words.map(quote).join('|')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
