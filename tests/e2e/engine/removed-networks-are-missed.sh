# A container that did not run while its network was removed does not start without it; `up` makes both anew.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -t 0; "$DEVC" container rm -f "$c" >/dev/null 2>&1 || true' EXIT
n=gone-$$ c=gone-c-$$
"$DEVC" network create "$n" >/dev/null; "$DEVC" container create --name "$c" --network "$n" busybox sleep 1000 >/dev/null
"$DEVC" network rm "$n" >/dev/null; fails "$DEVC" container start "$c"; has "$(cat out.log)" "network $n not found" "start"
"$DEVC" network create "$n" >/dev/null; fails "$DEVC" container start "$c"
"$DEVC" network connect "$n" "$c"; "$DEVC" container start "$c" >/dev/null
"$DEVC" container exec "$c" ip -o addr show eth0 | grep -q inet || die "no address"
"$DEVC" container rm -f "$c" >/dev/null; "$DEVC" network rm "$n" >/dev/null
echo 'services: {a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}, b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}}' > compose.yaml
"$DEVC" up -d; "$DEVC" stop a; "$DEVC" down b
fails "$DEVC" start a; has "$(cat out.log)" "not found" "start of a service"
"$DEVC" up -d b; "$DEVC" up -d
"$DEVC" exec a nslookup b >/dev/null || die "a does not know b"
before=$("$DEVC" ps -q); "$DEVC" up -d; eq "$("$DEVC" ps -q)" "$before" "containers after another up"
