# A container that is removed, stopped or started again in the moment in which it ends by itself: nobody waits for each other for ever.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" container rm -f one >/dev/null 2>&1 || true' EXIT
for round in $(seq 21); do
  "$DEVC" container run -d --name one busybox sleep 0.0$((RANDOM % 3 + 1)) >/dev/null
  case $((round % 3)) in
    0) timeout 20 "$DEVC" container restart -t 0 one >/dev/null || die "restart in round $round: $?" ;;
    1) timeout 20 "$DEVC" container stop -t 0 one >/dev/null || die "stop in round $round: $?" ;;
  esac
  timeout 20 "$DEVC" container rm -f one >/dev/null || die "rm in round $round: $?"
done
