# kill -9 of an `up` that replaces containers at any moment, then `up`: each service runs once, with its new configuration.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0 --remove-orphans' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, scale: 3, environment: [ROUND], volumes: ["data:/data", "/anonymous"]}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: [a], ports: ["80"], environment: [ROUND]}
volumes: {data: }
Y
export ROUND=0
"$DEVC" up -d
for delay in 0.004 0.008 0.012 0.02 0.03 0.04 0.05 0.06 0.08 0.1 0.13 0.16; do
  ROUND=$((ROUND + 1))
  "$DEVC" up -d >/dev/null 2>&1 & up=$!
  sleep $delay; kill -9 $up 2>/dev/null || true; wait $up 2>/dev/null || true
  "$DEVC" up -d || die "up after a kill at $delay s"
  eq "$("$DEVC" ps -q | wc -l)" 4 "containers after a kill at $delay s"
  eq "$("$DEVC" ps -aq | wc -l)" 4 "containers of all states after a kill at $delay s"
  eq "$("$DEVC" exec -T b sh -c 'echo $ROUND')" $ROUND "configuration after a kill at $delay s"
  "$DEVC" exec -T b ping -c 1 -W 2 a >/dev/null || die "a is not reached after a kill at $delay s"
done
