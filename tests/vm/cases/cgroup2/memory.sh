# Limits of memory, reservation and swap are the kernel's; what goes beyond is killed, and that is reported.
. /vm/lib.sh
values='cd /sys/fs/cgroup; echo $(cat memory.max memory.low memory.swap.max)'
eq "$(run busybox sh -c "$values")" "max 0 max" "without limits"
eq "$(run -m 32m busybox sh -c "$values")" "33554432 0 33554432" "as much swap as memory"
eq "$(run -m 32m --memory-reservation 16m --memory-swap 48m busybox sh -c "$values")" "33554432 16777216 16777216" "reservation and swap"
eq "$(run -m 32m --memory-swap -1 busybox sh -c "$values")" "33554432 0 max" "unlimited swap"
eq "$(run -m 32m --memory-swappiness 10 busybox true 2>&1)" "warning: cgroup v2 has no swappiness: the limit is ignored" "swappiness"

status=0; devc container run --name hog -m 16m --memory-swap 16m busybox tail /dev/zero || status=$?
eq "$status" 137 "status of a container that was killed for its memory"
eq "$(inspect hog '{{.State.OOMKilled}} {{.State.ExitCode}}')" "true 137" "its state"
devc container run --name modest -m 16m --memory-swap 16m busybox sh -c 'exit 3' || true
eq "$(inspect modest '{{.State.OOMKilled}} {{.State.ExitCode}}')" "false 3" "one that was not"

cat >compose.yaml <<Y
services:
  m: {image: busybox, command: sh -c "sleep 0.2; tail /dev/zero", mem_limit: 16m, memswap_limit: 16m, mem_reservation: 8m, restart: "on-failure:2"}
Y
devc up -d
until_ok 60 sh -c 'devc ps -a --format json m | grep -q "\"ExitCode\":137"'
id=$(devc ps -aq m)
until_ok 60 sh -c "[ \$(devc container inspect --format '{{.RestartCount}} {{.State.Status}}' $id | tr ' ' -) = 2-exited ]"
eq "$(inspect "$id" '{{.State.OOMKilled}}')" true "the last of three times"
