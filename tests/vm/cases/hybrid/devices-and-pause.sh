# Devices, pausing and ends by control groups of version 1.
. /vm/lib.sh
fails run busybox sh -c 'mknod /dev/kmsg c 1 11; set -e; : >/dev/kmsg'
has "$(cat out.log)" "Operation not permitted" "the kernel's log"
eq "$(run --device /dev/vda busybox sh -c 'head -c 1 /dev/vda | wc -c')" 1 "--device"
devc container run -d --name one busybox sh -c 'sleep 991 & sleep 992; true' >/dev/null
devc container pause one >/dev/null
eq "$(cat /sys/fs/cgroup/freezer/devc/*/freezer.state)" FROZEN "paused"
devc container unpause one >/dev/null
eq "$(devc container top one | wc -l)" 4 "top"
devc container stats --no-stream --format '{{.PIDs}}' one | grep -qx 3 || die "stats"
devc container rm -f one >/dev/null
eq "$(find /sys/fs/cgroup -type d -path '*/devc*')" "" "groups that are left"
