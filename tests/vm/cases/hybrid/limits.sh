# Where controllers are in hierarchies of version 1, limits are set there, beside a cgroup2 that has none.
. /vm/lib.sh
values='cd /sys/fs/cgroup; echo $(cat memory/memory.limit_in_bytes memory/memory.soft_limit_in_bytes cpu/cpu.cfs_quota_us pids/pids.max cpuset/cpuset.cpus)'
eq "$(run -m 32m --memory-reservation 16m --cpus 0.5 --pids-limit 8 --cpuset-cpus 1 busybox sh -c "$values" 2>err)" "33554432 16777216 50000 8 1" "limits: $(cat err)"
status=0; devc container run --name hog -m 16m busybox tail /dev/zero || status=$?
eq "$status" 137 "status of a container that was killed for its memory"
eq "$(inspect hog '{{.State.OOMKilled}}')" true "its state"
devc container rm hog >/dev/null
has "$(devc doctor)" "ok       cgroups: version 1" "doctor"
