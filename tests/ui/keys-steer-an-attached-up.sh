# `up --menu` on a terminal: keys show the configuration, watch, and detach; a line below the logs says so.
. "$TOP/tests/ui/lib.sh"
mkdir src
cat >compose.yaml <<'Y'
services:
  talks:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: [sh, -c, "echo hello from inside; sleep 1000"]
    develop: {watch: [{action: sync, path: ./src, target: /src}]}
Y
printf 'PS1="READY "\n' >session
open_terminal 100 30 bash --noprofile --rcfile session -i
wait_for READY
keys "'$DEVC' up --menu; echo ended \$?" Enter
wait_for 'hello from inside'; wait_for 'v View Config   w Enable Watch   d Detach'
last_line() { shown | grep -v '^ *$' | tail -1; }
has "$(last_line)" "Enable Watch" "the line is below what services write"
keys v; wait_for 'command:'; wait_for 'Enable Watch'
keys w; wait_for 'Disable Watch'
echo one >src/file
until_ok 20 "$DEVC" exec -T talks cat /src/file
keys w; wait_for 'Enable Watch'
keys d; wait_for 'ended 0'
eq "$("$DEVC" ps -q | wc -l)" 1 "containers that run on"
keys 'echo the line "is echoed"' Enter; wait_for 'the line is echoed'
keys C-l; keys "COMPOSE_MENU=1 '$DEVC' up; echo ended \$?" Enter
wait_for 'Detach'
keys C-c; wait_for 'ended 130' 30
eq "$("$DEVC" ps -q | wc -l)" 0 "containers after Ctrl-C"
# Without a terminal there are no keys, and no line.
(sleep 2; "$DEVC" kill >/dev/null 2>&1) &
log=$("$DEVC" up --menu --no-color 2>&1 </dev/null || true)
case $log in *Detach*) die "a menu without a terminal: $log" ;; esac
