# A monitor that is killed takes its container along, and the next command says what happened instead of "running".
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, ports: ["80"]}
Y
"$DEVC" up -d
id=$("$DEVC" ps -q a)
monitor=$(pgrep -f "devc-monitor run .*$id")
init=$("$DEVC" container inspect --format '{{.State.Pid}}' "$id")
kill -9 "$monitor"
until_ok 5 sh -c "! kill -0 $init"
eq "$("$DEVC" ps -q a | wc -l)" 0 "running containers"
has "$("$DEVC" container inspect --format '{{.State.Error}}' "$id")" "monitor was killed" "reason"
"$DEVC" up -d
eq "$("$DEVC" ps -q a)" "$id" "the same container runs again"
