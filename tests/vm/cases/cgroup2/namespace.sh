# A container sees its own control group as the top one, read-only; with cgroup: host it sees the machine's.
. /vm/lib.sh
eq "$(run busybox cat /proc/self/cgroup)" "0::/" "a namespace of its own"
eq "$(run --cgroupns private busybox cat /proc/self/cgroup)" "0::/" "private"
eq "$(run --cgroupns host --cgroup-parent some/where --name named busybox sed 's/[0-9a-f]\{64\}/ID/' /proc/self/cgroup)" "0::/devc/some/where/ID" "the machine's"
eq "$(run --cgroupns host busybox sh -c 'ls /sys/fs/cgroup$(sed s/0::// /proc/self/cgroup)/memory.max | wc -l')" 1 "paths from the top lead somewhere"
fails run busybox mkdir /sys/fs/cgroup/x
has "$(cat out.log)" "Read-only file system" "what a container may do there"
fails run --cgroupns host busybox mkdir /sys/fs/cgroup/x
has "$(cat out.log)" "Read-only file system" "also with the machine's"
has "$(run busybox cat /proc/self/mounts)" " /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec" "its mount"
eq "$(run busybox cat /sys/fs/cgroup/cgroup.controllers)" "cpuset cpu io memory pids" "controllers that are handed down"
# One that may, makes groups of its own and moves there; devc still knows what belongs to it.
devc container run -d --privileged --name one busybox sh -c '
  mkdir /sys/fs/cgroup/inner && echo $$ >/sys/fs/cgroup/inner/cgroup.procs && echo +memory +pids >/sys/fs/cgroup/cgroup.subtree_control &&
  mkdir /sys/fs/cgroup/other && { (echo 0 >/sys/fs/cgroup/other/cgroup.procs; exec sleep 999) & } && sleep 0.2 && echo ready && sleep 1000' >/dev/null
until_ok 20 sh -c 'devc container logs one | grep -q ready'
eq "$(devc container exec one cat /proc/self/cgroup)" "0::/inner" "a program that enters it"
top=$(devc container top one)
has "$top" "sleep 1000" "top"
has "$top" "sleep 999" "top knows of all its groups"
eq "$(devc container stats --no-stream --format '{{.PIDs}}' one)" $(($(echo "$top" | wc -l) - 1)) "and so does stats"
devc container update -m 64m one >/dev/null
eq "$(cat /sys/fs/cgroup/devc/*/memory.max)" 67108864 "update"
devc container rm -f one >/dev/null
[ ! -e /sys/fs/cgroup/devc ] || die "left behind: $(find /sys/fs/cgroup/devc -type d)"
