# A stop of a container that ends by itself before it is heard is none that failed.
. "$TOP/tests/e2e/lib.sh"
export ASAN_OPTIONS=detect_leaks=0  # another tracer has its place
trap '"$DEVC" container rm -f one >/dev/null' EXIT
for verb in stop restart; do
  "$DEVC" container run -d --name one --network none busybox sleep 1000 >/dev/null
  monitor=$(pgrep -f "devc-monitor run .*$("$DEVC" container inspect -f '{{.Id}}' one)")
  # It has read that the container runs, and is about to tell its monitor.
  strace -qq -o trace -e trace=socket -e inject=socket:signal=SIGSTOP:when=1 "$DEVC" container $verb -t 0 one >out.log 2>&1 & tracer=$!
  stopped() { command=$(pgrep -P $tracer) && grep -q SIGSTOP trace && grep -q '^State:.*[Tt] (' "/proc/$command/status"; }
  until_ok 10 stopped
  "$DEVC" container kill one >/dev/null
  until_ok 10 test ! -e "/proc/$monitor"
  kill -CONT "$command"
  wait $tracer || die "$verb: $(cat out.log)"
  "$DEVC" container rm -f one >/dev/null
done
trap - EXIT
