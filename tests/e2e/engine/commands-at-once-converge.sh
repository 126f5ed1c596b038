# Several commands on one project at once, some of them killed, then `up`: the project runs as its file says, nothing is left over.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0 --remove-orphans' EXIT
cat > compose.yaml <<'Y'
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, environment: [ROUND], scale: 2}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: [a], ports: ["80"]}
  h: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, healthcheck: {test: "true", interval: 1s}}
  w: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: {h: {condition: service_healthy}}}
Y
a_monitor() { pgrep -f "devc-monitor run $DEVC_STATE_DIR/" | shuf -n 1; }
some_command() {
  case $((RANDOM % 7)) in
    0) ROUND=$RANDOM exec "$DEVC" up -d ;;
    1) exec "$DEVC" scale a=$((RANDOM % 4)) ;;
    2) exec "$DEVC" down -t 0 ;;
    3) exec "$DEVC" restart ;;
    4) exec "$DEVC" stop b ;;
    5) exec "$DEVC" run --rm -T b true ;;
    6) monitor=$(a_monitor) && kill -9 "$monitor" ;;
  esac
}
export ROUND=0
seed=${SEED:-$$}
RANDOM=$seed
echo "again with SEED=$seed"
for round in 1 2 3 4 5 6 7 8; do
  commands=
  for number in 1 2 3 4 5; do
    choice=$RANDOM
    (RANDOM=$choice; some_command) >"command$number.log" 2>&1 & commands="$commands $!"
    if [ $((RANDOM % 3)) = 0 ]; then sleep 0.0$((RANDOM % 10)); kill -9 $! 2>/dev/null || true; fi
  done
  for command in $commands; do wait "$command" 2>/dev/null || true; done
  "$DEVC" up -d || die "up of round $round"
  eq "$("$DEVC" ps -q | wc -l)" 5 "containers that run in round $round"
  eq "$("$DEVC" container ls -aq --filter label=com.docker.compose.oneoff=False --filter label=com.docker.compose.project="$COMPOSE_PROJECT_NAME" | wc -l)" 5 "containers in round $round"
  "$DEVC" exec -T b ping -c 1 -W 2 a >/dev/null || die "a is not reached in round $round"
  if grep -H -e terminate -e 'what()' -e 'database is locked' command*.log; then die "a command failed badly in round $round"; fi
done
"$DEVC" down -v -t 0
eq "$("$DEVC" container ls -aq --filter label=com.docker.compose.project="$COMPOSE_PROJECT_NAME" | wc -l)" 0 "containers after down"
