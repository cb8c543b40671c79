export const FISH = `# hotdesk completion for fish. In ~/.config/fish/config.fish: hotdesk completion fish | source
function __hotdesk_candidates
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    $tokens[1] __complete -- $tokens[2..-1] "$current" 2>/dev/null
end
complete -c hotdesk -f -a '(__hotdesk_candidates)'
complete -c hotdesk -n 'test -z "(__hotdesk_candidates)"' -F
`;
