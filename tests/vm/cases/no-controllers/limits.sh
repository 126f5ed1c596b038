# Limits whose controllers the kernel does not have are ignored with a warning, as docker does; without limits there is none.
. /vm/lib.sh
eq "$(run busybox echo works 2>&1)" works "without limits"
run -m 32m --pids-limit 8 busybox echo works >out 2>err
eq "$(cat out)" works "with limits"
has "$(cat err)" "warning: this machine cannot set memory.max: the limit is ignored" "the warning"
has "$(cat err)" "this machine cannot set pids.max: the limit is ignored" "the other"
hasnt "$(cat err)" "cpu" "a limit that nobody asked for"
eq "$(run --cpus 0.5 busybox cat /sys/fs/cgroup/cpu.max 2>&1)" "50000 100000" "a controller that is there"
cat >compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, mem_limit: 32m}
Y
COMPOSE_PROGRESS=plain devc up -d 2>err || die "up: $(cat err)"
has "$(cat err)" "memory.max" "up says it"
devc stats --no-stream --format '{{.Name}}' | grep -q p-a-1 || die "stats"
devc top | grep -q "sleep 1000" || die "top"
devc container update --pids-limit 9 p-a-1 2>err >/dev/null || die "update: $(cat err)"
has "$(cat err)" "pids.max" "update says it"
devc pause a; devc unpause a; devc down -t 0
