# zsh test/completion.zsh COMPLETION WORDS…: what an interactive zsh offers after the words, one a line.
# A second zsh on a terminal of its own gets the words and the Tab key; its `compadd` prints instead of showing.
zmodload zsh/zpty
zpty shell zsh -f -i
prepare=$(mktemp)
{
  print -r -- "completion=${(q)1}"
  cat <<'PREPARE'
PROMPT=
unsetopt zle_bracketed_paste prompt_sp
autoload compinit; compinit -D -u
bindkey '^I' complete-word
mark() { print -- '<<mark>>' }
compprefuncs=( mark ); comppostfuncs=( mark exit )
zstyle ':completion:*' insert-tab false
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a found; builtin compadd -A found "$@"
  [[ -n $found ]] && print -l -- $found
}
source $completion
print -- '<<ready>>'
PREPARE
} > $prepare
shift
zpty -w shell "source $prepare"
zpty -r shell said '*<<ready>>*'
zpty -w -n shell "$*"$'\t'
zpty -r shell said '*<<mark>>*<<mark>>*'
print -rn -- ${${said#*'<<mark>>'}%'<<mark>>'*} | tr -d '\r'
zpty -d shell
rm -f $prepare
