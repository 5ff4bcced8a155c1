# Prints what bash offers when Tab is pressed at the end of a line, one word per line.
# Usage: bash complete.bash <script> <word>... (the last word is the one being typed)
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
"$(complete -p sockctl | sed 's/.*-F \([^ ]*\).*/\1/')" sockctl
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
