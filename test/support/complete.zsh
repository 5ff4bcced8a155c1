# Types a line into an interactive zsh, presses Tab, and prints what is offered, one word per line.
# Usage: zsh -f complete.zsh <script> <line>
zmodload zsh/zpty
zpty shell zsh -f -i

# Waits until the shell has printed this.
until_printed() {
  local output
  zpty -r shell output "*$1*"
}

# The words that the shell would print are cut in two here, since it echoes what is typed.
zpty -w shell "PROMPT=; autoload -Uz compinit; compinit -u -D; source ${(q)1}; print REA''DY"
until_printed READY
zpty -w shell '
bindkey "^I" complete-word
compadd() {
  local -a offered
  [[ "$*" == *-[OAD]\ * ]] || builtin compadd -A offered "$@"
  (( $#offered )) && print -l -- OFFER=${^offered}
  builtin compadd "$@"
}
finish() { print OFFER-END; compstate[list]= compstate[insert]= }
comppostfuncs=(finish)
print SET""UP'
until_printed SETUP

zpty -w -n shell "$2"$'\t'
local line
while zpty -r shell line; do
  line=${line//$'\r'/}
  [[ $line == *OFFER-END* ]] && break
  [[ $line == *OFFER=* ]] && print -r -- ${${line#*OFFER=}%$'\n'}
done
zpty -d shell
