# A container whose first process is killed while it makes the container has not started: `up` and `run` say so.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
export ASAN_OPTIONS=detect_leaks=0  # another tracer has its place
killed="strace -f -qq -o /dev/null -e trace=sethostname -e inject=sethostname:signal=SIGKILL:when=1"
code=0; $killed "$DEVC" container run --rm busybox true 2>err || code=$?
eq "$code" 125 "status of run"
has "$(cat err)" "first process was killed before its program started"
code=0; $killed "$DEVC" up -d 2>err || code=$?
eq "$code" 1 "status of up"
has "$(cat err)" "first process was killed before its program started"
"$DEVC" up -d
eq "$("$DEVC" ps --format '{{.State}}')" running "the state after the next up"
