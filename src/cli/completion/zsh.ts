/** For zsh with compinit; works sourced and as a file _hotdesk in fpath. */
export const ZSH = String.raw`#compdef hotdesk
# hotdesk completion for zsh. In ~/.zshrc, after compinit: eval "$(hotdesk completion zsh)"
_hotdesk() {
  local line
  local -a described
  for line in "${'$'}{(@f)$("${'$'}{(Q)words[1]}" __complete -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && described+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
  done
  if (( $#described )); then
    _describe -V hotdesk described
  else
    _files
  fi
}
if [[ $funcstack[1] == _hotdesk ]]; then
  _hotdesk "$@"
else
  compdef _hotdesk hotdesk
fi
`;
