# Two `up` of one project at once: both succeed, and nothing is there twice.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, scale: 4}
Y
for round in 1 2 3; do
  "$DEVC" up -d & one=$!
  "$DEVC" up -d & two=$!
  wait $one || die "first up"
  wait $two || die "second up"
  eq "$("$DEVC" ps -q | wc -l)" 4 "replicas"
  "$DEVC" down -t 0
done
