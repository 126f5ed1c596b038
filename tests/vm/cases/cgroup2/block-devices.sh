# Weights and limits of block devices are the kernel's, and hold.
. /vm/lib.sh
disk=$(cat /sys/block/vda/dev)
eq "$(run --blkio-weight 300 busybox cat /sys/fs/cgroup/io.weight)" "default 2930" "--blkio-weight"
got=$(run --device-read-bps /dev/vda:1mb --device-write-bps /dev/vda:2mb --device-read-iops /dev/vda:100 --device-write-iops /dev/vda:200 busybox cat /sys/fs/cgroup/io.max)
eq "$got" "$disk rbps=1048576 wbps=2097152 riops=100 wiops=200" "limits of a device"
cat >compose.yaml <<Y
services:
  slow:
    image: busybox
    command: cat /sys/fs/cgroup/io.max /sys/fs/cgroup/io.weight
    blkio_config:
      weight: 1000
      weight_device: [{path: /dev/vda, weight: 10}]
      device_write_bps: [{path: /dev/vda, rate: 1mb}]
Y
got=$(devc run --rm -T slow 2>err)
has "$got" "$disk rbps=max wbps=1048576 riops=max wiops=max" "a service's limit"
has "$got" "default 10000" "a service's weight"
has "$(cat err)" "this machine cannot set io.weight to $disk 1: the limit is ignored" "a device's weight, without a scheduler that has some"
begin=$(date +%s)
run --device-write-bps /dev/vda:1mb -v /data busybox dd if=/dev/zero of=/data/file bs=1M count=4 conv=fsync 2>/dev/null
[ $(($(date +%s) - begin)) -ge 2 ] || die "4 MB were written in less than 2 seconds at 1 MB a second"
# With BFQ its own weight is what counts, as docker counts it.
modprobe bfq
echo bfq >/sys/block/vda/queue/scheduler
eq "$(echo $(run --blkio-weight 300 --blkio-weight-device /dev/vda:10 busybox cat /sys/fs/cgroup/io.bfq.weight))" "default 300 $disk 10" "weights of BFQ"
echo none >/sys/block/vda/queue/scheduler
rmmod bfq
