/**
 * For bash 4.3 and newer, without the bash-completion package. Readline splits words at `@`, `:` and
 * `=` too; the line is split anew here, and what readline holds to be earlier words is taken off.
 */
export const BASH = String.raw`# hotdesk completion for bash. In ~/.bashrc: eval "$(hotdesk completion bash)"
_hotdesk_completion() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} words=() cur value char prefix=''
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=${'$'}{words[-1]}
  for char in @ : =; do
    if [[ $COMP_WORDBREAKS == *"$char"* && $cur == *"$char"* ]]; then
      value=${'$'}{cur%"${'$'}{cur##*"$char"}"}
      (( ${'$'}{#value} > ${'$'}{#prefix} )) && prefix=$value
    fi
  done
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    [[ $value == "$cur"* ]] || continue
    printf -v value %q "$value"
    COMPREPLY+=("${'$'}{value#"$prefix"}")
  done < <("${'$'}{words[0]}" __complete -- "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -o default -F _hotdesk_completion hotdesk
`;
