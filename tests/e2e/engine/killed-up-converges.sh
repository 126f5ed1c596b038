# kill -9 of `up` at any moment, then `up`: the project runs as if nothing had happened, and `down -v` removes all of it.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0 --remove-orphans' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, scale: 3, volumes: ["data:/data"]}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: [a], ports: ["80"]}
volumes: {data: }
Y
for delay in 0.001 0.005 0.01 0.015 0.02 0.03 0.04 0.05 0.06 0.08 0.1 0.15; do
  "$DEVC" up -d >/dev/null 2>&1 & up=$!
  sleep $delay; kill -9 $up 2>/dev/null || true; wait $up 2>/dev/null || true
  "$DEVC" up -d || die "up after a kill at $delay s"
  eq "$("$DEVC" ps -q | wc -l)" 4 "containers after a kill at $delay s"
  "$DEVC" exec -T b ping -c 1 -W 2 a >/dev/null || die "a is not reached after a kill at $delay s"
  "$DEVC" down -v -t 0 || die "down after a kill at $delay s"
  eq "$("$DEVC" container ls -a -q --filter label=com.docker.compose.project="$COMPOSE_PROJECT_NAME" | wc -l)" 0 "containers after down"
done
