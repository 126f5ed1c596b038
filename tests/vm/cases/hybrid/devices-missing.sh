# Without the devices controller version 1 alone cannot keep a container from the machine's devices: it does not start.
# Where cgroup2 is mounted too, that does.
. /vm/lib.sh
umount /sys/fs/cgroup/devices
eq "$(run busybox echo works)" works "by cgroup2"
fails run busybox sh -c 'mknod /dev/kmsg c 1 11; set -e; : >/dev/kmsg'
umount /sys/fs/cgroup/unified
fails run busybox true
has "$(cat out.log)" "version 1 are mounted without the controller devices" "what is missing"
has "$(cat out.log)" "hint: " "what to do"
eq "$(devc container ls -aq)" "" "containers that are left"
fails devc doctor
has "$(cat out.log)" "missing  cgroups: version 1 without devices" "doctor"
mount -t cgroup -o devices none /sys/fs/cgroup/devices
mount -t cgroup2 none /sys/fs/cgroup/unified
eq "$(run busybox echo works)" works "when it is there again"
