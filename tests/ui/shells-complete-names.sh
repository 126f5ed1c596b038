# bash, zsh and fish complete commands, flags and the names of services as a user types them.
. "$TOP/tests/ui/lib.sh"
printf 'services:\n  webserver: {image: busybox}\n  database: {image: busybox}\n' >compose.yaml
"$DEVC" completion bash >complete.bash; "$DEVC" completion zsh >complete.zsh; "$DEVC" completion fish >complete.fish
export PATH="${DEVC%/*}:$PATH" HOME=$PWD
completes() { # SHELL: at its prompt
  wait_for READY
  keys 'devc sca' Tab; wait_for 'devc scale'
  keys 'webs' Tab; wait_for 'devc scale webserver'
  keys C-u 'devc logs --foll' Tab; wait_for 'devc logs --follow'
  keys C-u 'devc up dat' Tab; wait_for 'devc up database'
  screen kill-server; rm -f tmux
}
printf 'PS1="READY "; . ./complete.bash\n' >bashrc
open_terminal 80 24 bash --noprofile --rcfile bashrc -i; completes
mkdir zsh; printf 'PS1="READY "; autoload -Uz compinit; compinit -u; . ./complete.zsh\n' >zsh/.zshrc
open_terminal 80 24 env ZDOTDIR="$PWD/zsh" zsh -i; completes
open_terminal 80 24 env XDG_CONFIG_HOME="$PWD/fish" XDG_DATA_HOME="$PWD/fish" fish --no-config -i -C 'function fish_prompt; echo -n "READY "; end; source complete.fish'; completes
