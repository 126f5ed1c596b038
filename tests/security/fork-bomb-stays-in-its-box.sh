# A fork bomb meets the limit of processes, its own or the default one; the machine and other containers go on; it can be
# stopped. A container that fills its memory ends alone.
. "$TOP/tests/security/lib.sh"
build_probe
cat >compose.yaml <<'Y'
services:
  bomb: {image: busybox, command: /probe forks, pids_limit: 60, volumes: [./probe:/probe:ro]}
  quiet: {image: busybox, command: sleep 100, init: true}
  wild:
    image: busybox
    command: sh -c 'f() { f | f & }; f; sleep 100'
    pids_limit: 100
  hungry:
    image: busybox
    command: sh -c 'x=x; while :; do x=$$x$$x; done'
    mem_limit: 32m
Y
"$DEVC" up -d quiet
has "$("$DEVC" run --rm -T bomb)" "forks 59 EAGAIN" "the limit of the service"
"$DEVC" up -d wild
sleep 0.5
[ "$(cat "$(find /sys/fs/cgroup -path "*devc*$("$DEVC" ps -q wild)*" -name pids.current | head -n 1)")" -le 100 ] || die "more than 100 processes"
eq "$("$DEVC" exec -T quiet echo goes on)" "goes on" "others"
end=$((SECONDS + 15)); "$DEVC" down -t 1; [ $SECONDS -lt $end ] || die "it took too long to end"
limit=$("$DEVC" container run --rm busybox sh -c 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; true' | head -n 1)
[ "$limit" != max ] && [ "$limit" -le 32768 ] || die "no default limit: $limit"
if "$DEVC" run --rm -T hungry; then die "it must be killed"; fi
"$DEVC" down -t 0
