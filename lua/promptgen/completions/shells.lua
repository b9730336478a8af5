--- The scripts that shells load. Each hands the words before the cursor to `promptgen completions words`
--- and takes what it prints: a word a line, behind a tab what it is; ":files" and ":dirs" leave it to the
--- shell.
local shells = {}

shells.bash = [==[
# promptgen completion for bash: eval "$(promptgen completions bash)"
_promptgen() {
    local line=${COMP_LINE:0:COMP_POINT} IFS=$' \t\n' words current cut
    read -r -a words <<<"$line"
    case $line in *[[:space:]]) words+=("") ;; esac
    current=${words[${#words[@]} - 1]}
    mapfile -t COMPREPLY < <("${words[0]}" completions words -- "${words[@]:1}" 2>/dev/null)
    cut=${current%"${current##*[@=:]}"} # readline replaces what stands behind these characters
    case ${COMPREPLY[0]-} in
    :files) mapfile -t COMPREPLY < <(compgen -f -- "${current#*=}"); compopt -o filenames ;;
    :dirs) mapfile -t COMPREPLY < <(compgen -d -- "${current#*=}"); compopt -o filenames ;;
    *)
        COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
        COMPREPLY=("${COMPREPLY[@]#"$cut"}")
        ;;
    esac
}
complete -F _promptgen promptgen
]==]

shells.zsh = [==[
#compdef promptgen
# promptgen completion for zsh: a file _promptgen on $fpath, or eval "$(promptgen completions zsh)"
_promptgen() {
    local -a lines described
    local line
    lines=("${(@f)$("${words[1]}" completions words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    case ${lines[1]-} in
    :files) _files ;;
    :dirs) _files -/ ;;
    *)
        for line in "${lines[@]}"; do
            [[ -n $line ]] || continue
            described+=("${${line%%$'\t'*}//:/\\:}${${(M)line%$'\t'*}:+:${line#*$'\t'}}")
        done
        _describe -V promptgen described
        ;;
    esac
}
if [[ ${funcstack[1]-} == _promptgen ]]; then
    _promptgen "$@"
else
    compdef _promptgen promptgen
fi
]==]

shells.fish = [==[
# promptgen completion for fish: promptgen completions fish | source
function __promptgen_words
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] completions words -- $words[2..-1] 2>/dev/null)
    switch "$found[1]"
        case ':files' ':dirs'
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- $words[-1])
        case '*'
            printf '%s\n' $found
    end
end
complete -c promptgen -f -a '(__promptgen_words)'
]==]

return shells
