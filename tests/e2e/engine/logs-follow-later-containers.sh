# `logs -f` and an attached `up` go on with containers that are created or started again later, and print no line twice.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<'Y'
services:
  web: {image: busybox, command: ["sh", "-c", "echo hello from $$HOSTNAME; exec sleep 1000"], stop_signal: SIGKILL}
  stays: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
shown() { [ "$(grep -c "hello from" "$1")" = "$2" ]; }
"$DEVC" up -d
"$DEVC" logs -f --no-color >logs.out 2>&1 & logs=$!
"$DEVC" up --no-color >up.out 2>&1 & up=$!
until_ok 10 shown logs.out 1
until_ok 10 grep -q "Attaching to" up.out
"$DEVC" scale web=2
until_ok 10 shown logs.out 2
until_ok 10 shown up.out 1
"$DEVC" restart web
until_ok 10 shown logs.out 4
until_ok 10 shown up.out 3
"$DEVC" stop -t 0
wait $logs || die "logs -f ended with $?"
wait $up || true
shown logs.out 4 || die "lines twice: $(cat logs.out)"
shown up.out 3 || die "lines twice in up: $(cat up.out)"
