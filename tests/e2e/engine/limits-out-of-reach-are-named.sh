# Without CAP_SYS_RESOURCE a limit above the caller's own is set as far as it goes, and `up` and `run` say so.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, ulimits: {nofile: {soft: 100, hard: 5000}}}
Y
without="setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource"
ulimit -n 900
COMPOSE_PROGRESS=plain $without "$DEVC" up -d 2>err || die "up: $(cat err)"
has "$(cat err)" "RLIMIT_NOFILE stays at 900 of 5000"
eq "$("$DEVC" exec -T a cat /proc/1/limits | awk '/Max open files/ {print $4, $5}')" "100 900" "the limits inside"
$without "$DEVC" container run --rm --ulimit nofile=100:4000 busybox true 2>err || die "run: $(cat err)"
has "$(cat err)" "RLIMIT_NOFILE stays at 900 of 4000"
