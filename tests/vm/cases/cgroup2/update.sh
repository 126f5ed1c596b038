# Limits of a container that runs are changed, and only those that were asked for.
. /vm/lib.sh
devc container run -d --name one -m 32m --pids-limit 50 busybox sleep 1000 >/dev/null
devc container update -m 64m --memory-reservation 16m --cpus 1.5 --cpu-shares 512 --pids-limit 20 --cpuset-cpus 0 --blkio-weight 100 one >/dev/null
group=$(group_of one)
eq "$(cd "$group"; echo $(cat memory.max memory.low memory.swap.max cpu.max cpu.weight pids.max cpuset.cpus io.weight))" \
  "67108864 16777216 67108864 150000 100000 20 20 0 default 910" "new limits"
devc container update --pids-limit 30 one >/dev/null
eq "$(cd "$group"; echo $(cat memory.max cpu.max pids.max))" "67108864 150000 100000 30" "one more"
eq "$(inspect one '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}')" "67108864 30" "inspect"
fails devc container exec one sh -c 'mknod /dev/kmsg c 1 11; set -e; : >/dev/kmsg'
fails devc container update --cpuset-cpus 0-x one
eq "$(cat "$group/cgroup.procs" | wc -l)" 1 "a refused limit leaves the container as it was"
