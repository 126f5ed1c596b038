# COMPOSE_STATUS_STDOUT, COMPOSE_PARALLEL_LIMIT, COMPOSE_COMPATIBILITY: what they say holds, and nonsense is refused.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0 --remove-orphans' EXIT
export COMPOSE_PROGRESS=plain
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
has "$(COMPOSE_STATUS_STDOUT=1 "$DEVC" up -d 2>/dev/null)" "Container $COMPOSE_PROJECT_NAME-a-1 Started" "stdout"
eq "$("$DEVC" up -d 2>/dev/null)" "" "stdout by default"
COMPOSE_PARALLEL_LIMIT=many fails "$DEVC" up -d
has "$(cat out.log)" 'invalid argument "many"' "parallel limit"
COMPOSE_PARALLEL_LIMIT=1 "$DEVC" up -d
"$DEVC" down -t 0
COMPOSE_COMPATIBILITY=true "$DEVC" up -d
eq "$("$DEVC" ps --format '{{.Name}}')" "${COMPOSE_PROJECT_NAME}_a_1" "the name"
