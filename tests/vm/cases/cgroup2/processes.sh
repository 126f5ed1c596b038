# A limit of processes holds; one that nobody asked for is there, and can be taken off.
. /vm/lib.sh
eq "$(run --pids-limit 8 busybox cat /sys/fs/cgroup/pids.max)" 8 "--pids-limit"
eq "$(run busybox cat /sys/fs/cgroup/pids.max)" 16384 "the usual limit"
eq "$(run --pids-limit -1 busybox cat /sys/fs/cgroup/pids.max)" max "none"
fails run --pids-limit 8 busybox sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 2 & done; wait'
has "$(cat out.log)" "fork" "who goes beyond"
run --pids-limit 16 busybox sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1 & done; wait' || die "who stays below"
