# The end of a container is the end of all its processes, also of those that its own pid namespace does not end.
. /vm/lib.sh
devc container run -d --pid host --name one busybox sh -c 'sleep 991 & setsid sleep 992 & exec sleep 990' >/dev/null
until_ok 20 sh -c 'ps -o args | grep -q "^sleep 992"'
devc container kill one >/dev/null
eq "$(ps -o args | grep -c '^sleep 99' || true)" 0 "processes that are left"
[ ! -e /sys/fs/cgroup/devc ] || die "left behind: $(find /sys/fs/cgroup/devc -type d)"
# A monitor that is killed takes its container with it; the next command clears away, and the container starts again.
devc container run -d --name two --pids-limit 9 busybox sleep 993 >/dev/null
kill -9 "$(ps -o pid,args | sed -n "s/^ *\([0-9]*\) .*[d]evc-monitor run.*/\1/p" | head -n 1)"
until_ok 20 sh -c '! ps -o args | grep -q "^sleep 993"'
devc container start two >/dev/null
eq "$(devc container exec two cat /sys/fs/cgroup/pids.max)" 9 "its limit after the restart"
fails devc container exec two sh -c 'mknod /dev/kmsg c 1 11; set -e; : >/dev/kmsg'
devc container restart -t 0 two >/dev/null
eq "$(devc container exec two cat /sys/fs/cgroup/pids.max)" 9 "and after another"
