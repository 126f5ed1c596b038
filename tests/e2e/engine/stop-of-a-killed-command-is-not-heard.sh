# A `stop` that is killed before the monitor has heard it is none: what `up` then finds running goes on running.
. "$TOP/tests/e2e/lib.sh"
cat > compose.yaml <<'Y2'
services:
  web: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y2
"$DEVC" up -d
id=$("$DEVC" ps -q web)
monitor=$(pgrep -f "devc-monitor run .*$id")
trap 'kill -CONT $monitor 2>/dev/null || true; "$DEVC" down -t 0' EXIT
first=$("$DEVC" container inspect -f '{{.State.Pid}}' "$id")

kill -STOP "$monitor"  # a busy machine
"$DEVC" stop -t 0 & stopping=$!
waits() { ss -xlpH | awk -v of="pid=$monitor," 'index($0, of) && $3 > 0 { found = 1 } END { exit !found }'; }
until_ok 10 waits
kill -KILL $stopping; wait $stopping 2>/dev/null || true
"$DEVC" up -d
kill -CONT "$monitor"
"$DEVC" exec -T web true || die "the container was stopped after up"
eq "$("$DEVC" container inspect -f '{{.State.Status}} {{.State.Pid}}' "$id")" "running $first" "the container"
"$DEVC" stop -t 0
eq "$("$DEVC" container inspect -f '{{.State.Status}}' "$id")" exited "after a stop that was heard"
