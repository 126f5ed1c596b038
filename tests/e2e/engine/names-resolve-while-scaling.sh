# While a service is scaled up and down, its name always resolves, and never to nothing.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<'Y'
services:
  web: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
  asks: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
"$DEVC" up -d
"$DEVC" exec -T asks sh -c 'while [ ! -e /over ]; do nslookup -type=a web >/answer 2>&1 && echo found || cat /answer; done' >answers 2>&1 & asking=$!
for count in 3 1 4 2 5 1 2 1; do "$DEVC" scale web=$count; done
"$DEVC" exec -T asks touch /over
wait $asking
[ "$(grep -c found answers)" -gt 10 ] || die "too few look-ups: $(cat answers)"
if grep -v found answers; then die "a look-up failed"; fi
