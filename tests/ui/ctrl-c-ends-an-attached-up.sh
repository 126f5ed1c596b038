# An attached `up`: logs with prefixes, and Ctrl-C stops what it began.
. "$TOP/tests/ui/lib.sh"
printf 'services:\n  talks: {image: busybox, init: true, stop_grace_period: 1s, command: [sh, -c, "echo hello from inside; sleep 1000"]}\n' >compose.yaml
printf 'PS1="READY "\n' >session
open_terminal 100 30 bash --noprofile --rcfile session -i
wait_for READY
keys "'$DEVC' up; echo ended \$?" Enter
wait_for 'hello from inside'; has "$(shown)" "talks-1  | hello from inside" "the prefix"
eq "$("$DEVC" ps -q | wc -l)" 1 "running containers"
keys C-c; wait_for 'ended 130' 30
eq "$("$DEVC" ps -q | wc -l)" 0 "running containers after Ctrl-C"
