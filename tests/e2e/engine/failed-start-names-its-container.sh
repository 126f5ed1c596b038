# A container that cannot start: `up` ends with status 1 and names it; its siblings run, their dependents do not.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  bad: {image: busybox, command: no-such-program}
  good: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
  after: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: [bad]}
Y
code=0; "$DEVC" up -d 2>err || code=$?
eq "$code" 1 "status of up"
has "$(cat err)" "cannot start container $COMPOSE_PROJECT_NAME-bad-1: exec: \"no-such-program\"" "what up says"
eq "$("$DEVC" ps --format '{{.Service}}')" good "what runs"
code=0; "$DEVC" run --rm -T good no-such-program 2>err || code=$?
eq "$code" 1 "status of run"
