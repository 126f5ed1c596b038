#compdef devc
# zsh completion for devc: `devc completion zsh > "${fpath[1]}/_devc"`
_devc() {
    local line name help files=
    local -a candidates
    while IFS= read -r line; do
        if [[ $line == :files ]]; then
            files=yes
            continue
        fi
        name=${line%%$'\t'*} help=${line#*$'\t'}
        candidates+=("${name//:/\\:}:$help")
    done < <("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#candidates} )) && _describe -V devc candidates
    [[ $files ]] && _files
}
if [[ $funcstack[1] == _devc ]]; then
    _devc "$@"
else
    compdef _devc devc
fi
