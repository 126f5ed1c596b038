# bash completion for devc: `devc completion bash > /etc/bash_completion.d/devc`
_devc() {
    local current word candidates=() files=
    # COMP_WORDS splits at colons and equal signs; the line itself is split at blanks only.
    local before=${COMP_LINE:0:COMP_POINT}
    local -a words
    read -ra words <<<"$before"
    [[ $before == *[[:space:]] ]] && words+=("")
    current=${words[-1]}
    while IFS= read -r word; do
        if [[ $word == :files ]]; then files=yes; else candidates+=("${word%%$'\t'*}"); fi
    done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
    COMPREPLY=("${candidates[@]}")
    # What was typed up to the last colon is not part of bash's word.
    if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
    fi
    if [[ $files && ${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "${current##*:}")
    fi
}
complete -F _devc devc
