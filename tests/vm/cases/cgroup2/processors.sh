# cpus, quota, shares and cpuset are the kernel's cpu.max, cpu.weight and cpuset, and hold.
. /vm/lib.sh
values='cd /sys/fs/cgroup; echo $(cat cpu.max cpu.weight)'
eq "$(run busybox sh -c "$values")" "max 100000 100" "without limits"
eq "$(run --cpus 0.5 busybox sh -c "$values")" "50000 100000 100" "--cpus"
eq "$(run --cpu-quota 20000 --cpu-period 50000 busybox sh -c "$values")" "20000 50000 100" "--cpu-quota"
eq "$(run --cpu-shares 1024 busybox sh -c "$values")" "max 100000 39" "--cpu-shares"
eq "$(run --cpu-shares 2 busybox sh -c "$values")" "max 100000 1" "the least"
eq "$(run --cpu-shares 262144 busybox sh -c "$values")" "max 100000 10000" "the most"
eq "$(run busybox nproc)" 2 "processors of the machine"
eq "$(run --cpuset-cpus 1 --cpuset-mems 0 busybox sh -c 'echo $(nproc) $(cat /sys/fs/cgroup/cpuset.cpus.effective /sys/fs/cgroup/cpuset.mems.effective)')" "1 1 0" "cpuset"
throttled=$(run --cpus 0.1 busybox sh -c 'timeout 1 sh -c "while :; do :; done"; sed -n "s/nr_throttled //p" /sys/fs/cgroup/cpu.stat')
[ "$throttled" -gt 2 ] || die "a container of a tenth of a processor was held back $throttled times in a second"
