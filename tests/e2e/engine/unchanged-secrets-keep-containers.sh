# A second `up` keeps containers that have secrets and configs, of any bytes; a changed one is told and recreates its services alone.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<'Y'
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, secrets: [s], configs: [c]}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, configs: [c]}
secrets: {s: {file: ./s}}
configs: {c: {file: ./c}}
Y
printf 'first' >s; head -c 3000 /dev/urandom >c
"$DEVC" up -d
before=$("$DEVC" ps -q --no-trunc | sort)
has "$("$DEVC" plan)" "Nothing to do" "the plan when nothing has changed"
"$DEVC" up -d
eq "$("$DEVC" ps -q --no-trunc | sort)" "$before" "containers after a second up"
b=$("$DEVC" ps -q b)
printf 'sesame-opens-5521' >s
has "$("$DEVC" plan)" "content of a config or secret changed" "the reason"
"$DEVC" up -d
eq "$("$DEVC" exec -T a cat /run/secrets/s)" sesame-opens-5521 "the secret"
eq "$("$DEVC" ps -q b)" "$b" "the container that has not the secret"
grep -rqs sesame-opens-5521 "$DEVC_STATE_DIR/devc.db" && die "the secret is in the database"
"$DEVC" exec -T b cat /c | cmp - c
