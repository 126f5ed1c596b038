# start --wait, port without a number, kill and orphans, rm -f of what is not there, events in Compose's form.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0 --remove-orphans' EXIT
cat > compose.yaml <<Y
services:
  a:
    image: busybox
    command: sh -c "rm -f /ready; sleep 0.3; touch /ready; exec sleep 1000"
    stop_signal: SIGKILL
    ports: ["127.0.0.1::80", "127.0.0.1::53/udp"]
    healthcheck: {test: test -e /ready, interval: 100ms, retries: 50}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
"$DEVC" create
"$DEVC" start --wait --wait-timeout 30
eq "$("$DEVC" ps a --format '{{.Health}}')" healthy "health after start --wait"
eq "$("$DEVC" port a | sed 's/127.0.0.1:[0-9]*$/HOST/' | sort)" "$(printf '53/udp -> HOST\n80/tcp -> HOST')" "the ports"
eq "$("$DEVC" port a 80)" "$("$DEVC" port a | sed -n 's/^80.* -> //p')" "one port"
"$DEVC" events --since 1m --until 0s >events
grep -Eq '^[0-9-]{10} [0-9:]{8}\.[0-9]{6} container start [0-9a-f]{64} \(' events || die "events: $(cat events)"
eq "$("$DEVC" container rm -f devc-test-no-such 2>/dev/null)" "" "stdout of rm -f"
sed -i '/^  b:/d' compose.yaml
"$DEVC" kill
eq "$("$DEVC" ps --format '{{.Service}}')" b "an orphan lives on"
"$DEVC" kill --remove-orphans
eq "$("$DEVC" ps -q)" "" "with --remove-orphans it does not"
