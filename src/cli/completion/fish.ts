import type { CompletableCommand, CompletableOption } from './types.ts'

/** Writes the script for fish (3.0 and later). */
export function writeFish(commands: readonly CompletableCommand[]): string {
  const nested = commands.map(one => one.path).filter(path => path.includes(' '))
  return `# fish completion for sockctl, made by: sockctl completion fish
# Load it: sockctl completion fish | source

function __sockctl_command --description 'The command that was typed'
    set -l words (commandline -opc)
    set -e words[1]
    switch "$words[1] $words[2]"
        case ${(nested.length === 0 ? [''] : nested).map(quote).join(' ')}
            echo "$words[1] $words[2]"
        case '*'
            echo "$words[1]"
    end
end

function __sockctl_in --description 'Whether this command was typed'
    set -l command (__sockctl_command)
    test "$command" = "$argv"
end

function __sockctl_first --description 'Whether the word after this command is typed now'
    set -l words (commandline -opc)
    set -e words[1]
    test "$words" = "$argv"
end

function __sockctl_after_dashes --description 'Whether a command of the user is typed, after --'
    contains -- -- (commandline -opc)
end

complete -c sockctl -f
complete -c sockctl -n __sockctl_after_dashes -F

${commands.flatMap(completeLines).join('\n')}
`
}

function completeLines({ path, words, options }: CompletableCommand): readonly string[] {
  const first = quote(`__sockctl_first ${path}`.trimEnd())
  const here = quote(`__sockctl_in ${path}`.trimEnd())
  return [
    ...words.map(
      ({ word, text }) => `complete -c sockctl -n ${first} -a ${word} -d ${quote(text)}`,
    ),
    ...options.map(option => `complete -c sockctl -n ${here} ${optionArguments(option)}`),
  ]
}

function optionArguments({ short, long, text, value }: CompletableOption): string {
  const forms = [
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(long === undefined ? [] : [`-l ${long.slice(2)}`]),
  ]
  return [...forms, ...valueArguments(value), `-d ${quote(text)}`].join(' ')
}

function valueArguments(value: CompletableOption['value']): readonly string[] {
  if (value === undefined) return []
  switch (value.kind) {
    case 'file':
      return ['-r -F']
    case 'folder':
      return ["-x -a '(__fish_complete_directories)'"]
    case 'choice':
      return [`-x -a ${quote(value.choices.join(' '))}`]
    case 'free':
      return value.isOptional ? [] : ['-x']
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
