# Helpers of the scripts here: a real terminal (tmux, with a server of its own) in which the script's folder is the current
# one. Each script runs as those of tests/e2e/engine do.
. "$TOP/tests/e2e/lib.sh"
unset COMPOSE_ANSI COMPOSE_PROGRESS NO_COLOR
screen() { tmux -S "$PWD/tmux" "$@"; }
open_terminal() { # COLUMNS ROWS COMMAND...
  local columns=$1 rows=$2; shift 2
  env TERM=xterm-256color tmux -S "$PWD/tmux" -f /dev/null new-session -d -s t -x "$columns" -y "$rows" "$@"
  trap 'screen kill-server 2>/dev/null || true; "$DEVC" down -v -t 0 >/dev/null 2>&1 || true' EXIT
}
keys() { screen send-keys -t t "$@"; }
shown() { screen capture-pane -p -t t; }
all_shown() { screen capture-pane -p -S - -t t; }
shows() { shown | grep -qF -- "$1"; }
wait_for() { until_ok "${2:-20}" shows "$1" || { shown; exit 1; }; }
