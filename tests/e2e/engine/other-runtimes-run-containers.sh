# `runtime:` and --runtime: a container is made by another OCI runtime and yet is devc's: its network, limits, log, terminal,
# exec, healthcheck, restarts, signals, and nothing of it is left in the end. Runtimes that are installed but cannot run on
# this machine (crun on mixed control groups) must say why.
. "$TOP/tests/e2e/lib.sh"
folders() { ls "$DEVC_STATE_DIR/containers" "$DEVC_RUN_DIR/containers" 2>/dev/null | grep -v : | sort; }
before=$(folders)
container() { "$DEVC" container run "$@"; }
status() { local status=0; "$@" >out.log 2>&1 || status=$?; echo $status; }

for runtime in runc crun; do
  if ! container --rm --network none --runtime $runtime busybox true 2>out.log; then
    [ $runtime = crun ] && grep -q "crun: " out.log || die "$runtime: $(cat out.log)"
    echo "$runtime does not run here: $(cat out.log)"; continue
  fi
  eq "$(container --rm --runtime $runtime busybox sh -c 'echo out; id -u; hostname >/dev/null; ip -o -4 addr show eth0 | wc -l; grep -c "Seccomp:.*2" /proc/self/status')" "out
0
1
1" "$runtime: network and seccomp"
  eq "$(container --rm --network none --runtime $runtime -u 7:8 --group-add 9 -e HOME=/x -w /tmp busybox sh -c 'echo $(id -u):$(id -g) $(id -G) $HOME $(pwd)')" "7:8 8 9 /x /tmp" "$runtime: user"
  for runs in devc $runtime; do container --rm --network none --runtime $runs busybox grep Cap /proc/self/status >caps.$runs; done
  cmp caps.devc caps.$runtime || die "$runtime: other capabilities than devc's"
  eq "$(status container --rm --network none --runtime $runtime busybox sh -c 'exit 7')" 7 "$runtime: status"
  eq "$(status container --rm --network none --runtime $runtime busybox /no/such)" 127 "$runtime: not found"
  eq "$(status container --rm --network none --runtime $runtime busybox /tmp)" 126 "$runtime: not executable"
  eq "$(script -qec "$DEVC container run --rm -t --network none --runtime $runtime busybox tty" /dev/null | tr -d '\r')" /dev/pts/0 "$runtime: terminal"
  eq "$(echo typed | container --rm -i --network none --runtime $runtime busybox cat)" typed "$runtime: stdin"
  eq "$(container --rm --init --network none --runtime $runtime busybox cat /proc/1/comm)" devc-init "$runtime: init"
  eq "$(container --rm --network none --runtime $runtime --read-only busybox sh -c 'touch /x 2>/dev/null || echo kept')" kept "$runtime: read-only"

  cat >compose.yaml <<Y
services:
  web:
    image: busybox
    runtime: $runtime
    command: sh -c 'echo started; trap "echo ended; exit 3" TERM; [ -e /v/again ] || { touch /v/again; exit 1; }; while :; do sleep 0.1; done'
    restart: on-failure
    mem_limit: 64m
    healthcheck: {test: test -e /v/again, interval: 200ms}
    volumes: [./v:/v]
  client:
    image: busybox
    command: sleep 100
    init: true
Y
  rm -rf v; mkdir v
  "$DEVC" up -d
  until_ok 20 sh -c '[ $("$DEVC" logs web | grep -c started) = 2 ]'
  until_ok 20 sh -c '"$DEVC" ps web | grep -q healthy'
  id=$("$DEVC" ps -q web)
  eq "$("$DEVC" container inspect -f '{{.RestartCount}} {{.HostConfig.Runtime}}' "$id")" "1 $runtime" "$runtime: watched and started again"
  eq "$("$DEVC" exec -T web sh -c 'echo in; exit 4' || echo $?)" "in
4" "$runtime: exec"
  "$DEVC" exec -T client ping -c 1 -W 2 web >/dev/null || die "$runtime: found by its name"
  "$DEVC" exec -T web nslookup client >/dev/null || die "$runtime: finds others by name"
  "$DEVC" pause web; has "$("$DEVC" ps web)" Paused "$runtime: pause"; "$DEVC" unpause web
  "$DEVC" stop -t 5 web
  eq "$("$DEVC" container inspect -f '{{.State.ExitCode}}' "$id")" 3 "$runtime: a stop's signal"
  has "$("$DEVC" logs web)" ended "$runtime: its last words"
  "$DEVC" up -d
  monitor=$(pgrep -f "devc-monitor run $DEVC_STATE_DIR/containers/$("$DEVC" ps -q --no-trunc web 2>/dev/null || echo "$id")" | head -1)
  kill -9 "$monitor"; until_ok 5 sh -c "! kill -0 $monitor 2>/dev/null"
  "$DEVC" up -d
  until_ok 20 sh -c '"$DEVC" ps web | grep -q "Up"'
  "$DEVC" down
  eq "$(find /sys/fs/cgroup -name "$id")" "" "$runtime: no control group is left"
done

for name in kata /no/such/runtime ../runc; do
  eq "$(status container --network none --runtime $name busybox true)" 125 "a runtime that is not there"
  has "$(cat out.log)" "unknown or invalid runtime name: $name" "what is said"
done
eq "$(folders)" "$before" "nothing is left of the containers"
