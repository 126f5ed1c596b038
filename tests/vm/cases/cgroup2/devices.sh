# A program on the control group keeps containers from devices that are not theirs.
. /vm/lib.sh
opens='head -c 1 /dev/node | wc -c'
disk=$(cat /sys/block/vda/dev); major=${disk%:*} minor=${disk#*:}
run busybox sh -c 'cat /dev/null && head -c 1 /dev/zero && head -c 1 /dev/urandom && echo x >/dev/full' >/dev/null 2>out.log || true
has "$(cat out.log)" "No space left" "/dev/full is there"
make="mknod /dev/node b $major $minor && $opens"
fails run busybox sh -c "set -o pipefail; $make"
has "$(cat out.log)" "Operation not permitted" "a disk that is made, but may not be opened"
fails run busybox sh -c 'mknod /dev/kmsg c 1 11; set -e; : >/dev/kmsg'
has "$(cat out.log)" "Operation not permitted" "the kernel's log"
eq "$(run --device /dev/vda:/dev/node busybox sh -c "$opens")" 1 "--device"
fails run --device /dev/vda:/dev/node:r busybox sh -c ': >/dev/node'
has "$(cat out.log)" "Operation not permitted" "writing what may be read"
eq "$(run --device-cgroup-rule "b $major:* r" busybox sh -c "$make")" 1 "--device-cgroup-rule"
eq "$(run --privileged busybox sh -c 'head -c 1 /dev/vda | wc -c')" 1 "a privileged container"
cat >compose.yaml <<Y
services:
  with: {image: busybox, command: sh -c "$opens", devices: ["/dev/vda:/dev/node"]}
  rule: {image: busybox, command: sh -c "$make", device_cgroup_rules: ["b $major:$minor r"]}
  none: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
eq "$(devc run --rm -T with)" 1 "devices"
eq "$(devc run --rm -T rule)" 1 "device_cgroup_rules"
devc up -d none
fails devc exec -T none sh -c "set -o pipefail; $make"
has "$(cat out.log)" "Operation not permitted" "a program that entered later"
fails devc exec -T --privileged none sh -c "set -o pipefail; $make"
