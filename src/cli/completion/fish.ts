export const FISH = `# hotdesk completion for fish. In ~/.config/fish/config.fish: hotdesk completion fish | source
function __hotdesk_candidates
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($tokens[1] __complete -- $tokens[2..-1] "$current" 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c hotdesk -f -a '(__hotdesk_candidates)'
`;
