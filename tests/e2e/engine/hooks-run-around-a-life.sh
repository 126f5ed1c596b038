# post_start runs in each container after its start, in order and before what depends on it; pre_stop before stop, restart,
# down and the end of an attached up. User, folder, environment and privileges of a hook hold; one that fails, fails the command.
. "$TOP/tests/e2e/lib.sh"
export FROM_SHELL=shell
cat >compose.yaml <<'Y'
services:
  web:
    image: busybox
    command: sh -c 'trap exit TERM; while :; do sleep 0.1; done'
    environment: {GONE: here, KEPT: kept}
    volumes: [./out:/out]
    post_start:
      - command: sh -c 'sleep 0.3; echo one >>/out/log'
        user: root
      - command: ['sh', '-c', 'echo "$$(id -u) $$(pwd) $$WORD $$KEPT [$${GONE-unset}]" >>/out/log; echo said; echo complained >&2']
        user: "7:7"
        working_dir: /tmp
        environment: {WORD: hello, GONE: null}
      - command: sh -c 'grep CapEff /proc/self/status >>/out/caps'
        privileged: true
    pre_stop:
      - command: sh -c 'echo stopping >>/out/log; echo bye'
  later:
    image: busybox
    command: sh -c 'cat /out/log >/out/seen; sleep 100'
    init: true
    volumes: [./out:/out]
    depends_on: [web]
Y
mkdir -m 777 out; touch out/log; chmod 666 out/log
said=$("$DEVC" --progress plain up -d 2>&1)
has "$said" "web-1 -> | said" "output of a hook"
has "$said" "web-1 -> | complained" "what it says on stderr"
eq "$(cat out/log)" "one
7 /tmp hello kept [unset]" "hooks in order, as they are told"
until_ok 5 test -s out/seen
eq "$(cat out/seen)" "$(cat out/log)" "what depends on the service starts after its hooks"
grep -qE 'CapEff:.*(f{8}|1ff|3ff)' out/caps || die "no privileges: $(cat out/caps)"
"$DEVC" up -d; eq "$(grep -c one out/log)" 1 "an up that starts nothing runs no hook"

said=$("$DEVC" --progress plain restart web 2>&1)
has "$said" "web-1 -> | bye" "pre_stop at restart"
eq "$(tail -n 3 out/log)" "stopping
one
7 /tmp hello kept [unset]" "restart runs both"
"$DEVC" stop; eq "$(tail -n 1 out/log)" stopping "pre_stop at stop"
n=$(wc -l <out/log); "$DEVC" stop; "$DEVC" down; eq "$(wc -l <out/log)" "$n" "none where nothing runs"
"$DEVC" start 2>/dev/null && die "nothing to start"
"$DEVC" up -d; "$DEVC" down; eq "$(tail -n 1 out/log)" stopping "pre_stop at down"

# An attached up prints what hooks write beside what services write; Ctrl-C runs pre_stop.
: >out/log
setsid "$DEVC" up >up.log 2>&1 & up=$!
until_ok 20 grep -q "web-1 ->.*said" up.log
kill -INT $up; wait $up || true
eq "$(tail -n 1 out/log)" stopping "pre_stop at Ctrl-C"
has "$(cat up.log)" "bye" "its output"
"$DEVC" down

# run runs post_start too.
: >out/log
"$DEVC" run --rm -T web sleep 1.5 2>run.log
has "$(cat out/log)" "7 /tmp hello" "hooks of run"
has "$(cat run.log)" "-> | said" "their output"

cat >fails.yaml <<'Y'
services:
  bad:
    image: busybox
    command: sleep 100
    init: true
    post_start: [{command: sh -c 'exit 3'}, {command: touch /second}]
  absent:
    image: busybox
    command: sleep 100
    init: true
    post_start: [{command: /no/such/program}]
  stuck:
    image: busybox
    command: sleep 100
    init: true
    pre_stop: [{command: 'false'}]
Y
if "$DEVC" -f fails.yaml up -d bad 2>err.log; then die "a failing hook must fail the up"; fi
has "$(cat err.log)" "bad hook exited with status 3" "the error"
"$DEVC" -f fails.yaml exec -T bad test ! -e /second || die "hooks after the failed one ran"
if "$DEVC" -f fails.yaml up -d absent 2>err.log; then die "a missing program must fail the up"; fi
has "$(cat err.log)" "/no/such/program" "the error"
"$DEVC" -f fails.yaml up -d stuck
if "$DEVC" -f fails.yaml stop stuck 2>err.log; then die "a failing pre_stop must fail the stop"; fi
has "$(cat err.log)" "stuck hook exited with status 1" "the error"
eq "$("$DEVC" -f fails.yaml ps -q stuck | wc -l)" 1 "it still runs"
"$DEVC" -f fails.yaml kill; "$DEVC" -f fails.yaml down
